import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { createFakeCore, type FakeCore, type FakeCoreOptions } from "./core.fake.ts";
import { fakeError, type FakeReply } from "./engine.fake.ts";
import { goJson } from "./go-json.fake.ts";

export type FakeNodeState = "active" | "standby" | "sealed" | "uninitialised";

/** What goes wrong with the next matching request. */
export interface FakeTrouble {
  /** Part of `METHOD path`; left out, every request but sys/health. */
  readonly on?: string;
  /** Matching requests that pass before it; none when left out. */
  readonly skip?: number;
  /** How many requests it hits; once when left out. */
  readonly times?: number;
  /** `refuse`: an answer instead of the effect. `lose`: the effect happens, the connection breaks. `late`: the answer waits for `release`. `garble`: the effect happens, this text is the answer. */
  readonly how:
    | { readonly refuse: FakeReply; readonly retryAfter?: string }
    | { readonly lose: true }
    | { readonly garble: string }
    | { readonly late: Promise<void> }
    | { readonly first: () => Promise<void> };
}

/** One server of the cluster, on a loopback port. */
export interface FakeNode {
  readonly address: string;
  state: FakeNodeState;
  /** Where a standby sends what it does not answer; without one it says that there is no active node. */
  redirectsTo: string | undefined;
  /** `METHOD path` of each request, in order. */
  readonly requests: readonly string[];
  /** The headers of each, in the same order. */
  readonly headers: readonly IncomingHttpHeaders[];
  trouble(trouble: FakeTrouble): void;
  readonly close: () => Promise<void>;
}

export interface VaultFake extends FakeNode {
  readonly core: FakeCore;
  readonly rootToken: string;
  /** Another node of the same cluster. `close` of the fake closes it too. */
  addNode(state: FakeNodeState): Promise<FakeNode>;
}

/** A Vault on 127.0.0.1 that real clients talk to. Nothing is mounted but tokens and policies. */
export const startVaultFake = async (options: FakeCoreOptions): Promise<VaultFake> => {
  const core = createFakeCore(options);
  const closes: (() => Promise<void>)[] = [];
  const addNode = async (state: FakeNodeState): Promise<FakeNode> => {
    const node = await startNode(core, state);
    closes.push(node.close);
    return node;
  };
  const node = await addNode("active");
  const close = async (): Promise<void> => {
    await Promise.all(closes.map((one) => one()));
  };
  return Object.assign(node, { core, rootToken: core.rootToken, addNode, close });
};

type Pending = FakeTrouble & { left: number; toSkip: number };

const startNode = async (core: FakeCore, state: FakeNodeState): Promise<FakeNode> => {
  const troubles: Pending[] = [];
  const requests: string[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer((incoming, outgoing) => {
    headers.push(incoming.headers);
    void respond({ core, node, troubles, requests }, incoming, outgoing);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const node: FakeNode = {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    state,
    redirectsTo: undefined,
    requests,
    headers,
    trouble: (trouble) => {
      troubles.push({ ...trouble, left: trouble.times ?? 1, toSkip: trouble.skip ?? 0 });
    },
    close: () => closeServer(server),
  };
  return node;
};

const closeServer = async (server: Server): Promise<void> => {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
};

interface Place {
  readonly core: FakeCore;
  readonly node: FakeNode;
  readonly troubles: readonly Pending[];
  readonly requests: string[];
}

const respond = async (place: Place, incoming: IncomingMessage, outgoing: ServerResponse) => {
  const { node, core, requests } = place;
  const url = new URL(incoming.url ?? "/", node.address);
  const query = Object.fromEntries(url.searchParams);
  const raw = (incoming.url ?? "/").replace(/\?.*$/s, "");
  const path = decodeURIComponent(raw).replace(/^\/v1\//, "");
  const method = methodOf(incoming.method, query);
  const text = await bodyText(incoming);
  const name = `${method} ${path}`;
  requests.push(name);
  if (path === "sys/health") return send(outgoing, healthOf(node));
  const trouble = takeTrouble(place.troubles, name);
  if (trouble !== undefined && "first" in trouble.how) await trouble.how.first();
  if (trouble !== undefined && "refuse" in trouble.how) {
    if (trouble.how.retryAfter !== undefined)
      outgoing.setHeader("retry-after", trouble.how.retryAfter);
    return send(outgoing, trouble.how.refuse);
  }
  if (node.state !== "active") return sendElsewhere(node, outgoing, incoming.url ?? "/");
  const tokenId = incoming.headers["x-vault-token"];
  const body = text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
  const reply = core.answer({ method, path, query, body }, tokenId?.toString());
  if (trouble !== undefined && "lose" in trouble.how) return void incoming.socket.destroy();
  if (trouble !== undefined && "garble" in trouble.how)
    return void outgoing.end(trouble.how.garble);
  if (trouble !== undefined && "late" in trouble.how) await trouble.how.late;
  send(outgoing, reply);
};

const methodOf = (method: string | undefined, query: Readonly<Record<string, string>>) => {
  if (method === "GET" && query["list"] === "true") return "LIST";
  if (method === "PUT" || method === "POST") return "POST";
  return method === "DELETE" ? "DELETE" : "GET";
};

const bodyText = async (incoming: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
};

const takeTrouble = (troubles: readonly Pending[], name: string): Pending | undefined => {
  const found = troubles.find(({ on = "", left }) => left > 0 && name.includes(on));
  if (found === undefined) return undefined;
  if (found.toSkip > 0) {
    found.toSkip -= 1;
    return undefined;
  }
  found.left -= 1;
  return found;
};

const healthCodes = { active: 200, standby: 429, sealed: 503, uninitialised: 501 } as const;

const healthOf = ({ state }: FakeNode): FakeReply => ({
  status: healthCodes[state],
  body: {
    initialized: state !== "uninitialised",
    sealed: state === "sealed" || state === "uninitialised",
    standby: state !== "active",
    version: "1.21.2",
  },
});

const sendElsewhere = (node: FakeNode, outgoing: ServerResponse, target: string): void => {
  if (node.state === "sealed") return send(outgoing, fakeError(503, "Vault is sealed"));
  if (node.redirectsTo === undefined) {
    return send(
      outgoing,
      fakeError(500, "local node not active but active cluster node not found"),
    );
  }
  outgoing.writeHead(307, { location: `${node.redirectsTo}${target}` }).end();
};

const send = (outgoing: ServerResponse, { status, body }: FakeReply): void => {
  outgoing.statusCode = status;
  if (body === undefined) return void outgoing.end();
  outgoing.setHeader("content-type", "application/json");
  outgoing.end(goJson(body));
};
