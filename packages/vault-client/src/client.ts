import type { Call, Clock, LoginRisk } from "@rekey/domain";
import type { Secret } from "@rekey/secret";
import { bodyOf, errorOf, isNothingThere, isRecord, isSuccess, type Reply } from "./answer.ts";
import { connectNode, pemOf } from "./connect.ts";
import { createCredentials } from "./credentials.ts";
import { deadlineOf, type Deadline } from "./deadline.ts";
import { VaultError } from "./error.ts";
import { openExchange, type Exchange } from "./exchange.ts";
import { createHealth, type Health, type NodeHealth } from "./health.ts";
import { loginRiskOf } from "./login-risk.ts";
import { createNodes, type Nodes } from "./nodes.ts";
import { createOwnLogins, type OwnLogins } from "./own-logins.ts";
import { createPace } from "./pace.ts";
import type { VaultPath } from "./path.ts";
import { createSession } from "./session.ts";
import type { VaultConnection } from "./settings.ts";

export type VaultNode = NodeHealth;

export interface VaultSetup {
  readonly connection: VaultConnection;
  readonly clock: Clock;
  /** Asked at every login, so it may cache. */
  readonly resolveSecret: (reference: string) => Promise<Secret>;
  /** Of the whole process; a client without it keeps its own. */
  readonly ownLogins?: OwnLogins;
}

export interface VaultRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: VaultPath;
  readonly query?: Readonly<Record<string, string>>;
  /** Text is JSON already, for whoever must keep another's bytes. */
  readonly body?: Readonly<Record<string, unknown>> | string;
  /** Asks the node that says of itself that it is active: standbys may answer reads from the past. */
  readonly atActive?: boolean;
}

/** What Vault said; values in it may be secrets. */
export interface VaultAnswer {
  readonly status: number;
  readonly data: Readonly<Record<string, unknown>>;
  /** Of logins and token creation: holds the token itself. */
  readonly auth: Readonly<Record<string, unknown>> | undefined;
  /** The answer's own text, for whoever must keep another's bytes. */
  readonly text: string;
}

/** A 404 is no error of a read. `data` is what Vault says all the same: of a deleted KV version its metadata. */
export interface VaultReading extends VaultAnswer {
  readonly found: boolean;
}

/** Every method throws VaultError only. */
export interface VaultRequests {
  read(path: VaultPath, call: Call): Promise<VaultReading>;
  write(path: VaultPath, body: NonNullable<VaultRequest["body"]>, call: Call): Promise<VaultAnswer>;
  /** Nothing there is success. */
  delete(path: VaultPath, call: Call): Promise<void>;
  /** The names below a path, folders with a slash at their end; none when nothing is there. */
  list(path: VaultPath, call: Call): Promise<readonly string[]>;
  request(request: VaultRequest, call: Call): Promise<VaultReading>;
}

export interface VaultClient extends VaultRequests {
  /** The same addresses with another token, or with none: for tries from outside. It is never renewed. */
  as(token: Secret | undefined): VaultRequests;
  /** Whether refused logins lock the role that Rekey logs in as; `denied` where its policy may not read that. */
  loginRisk(call: Call): Promise<LoginRisk | undefined>;
  /** What each address says of itself. */
  health(call: Call): Promise<readonly VaultNode[]>;
  /** Ends the login's token and every connection. */
  close(): Promise<void>;
}

type SendWith = (request: VaultRequest, end: Deadline) => Promise<Reply>;

interface Opened {
  readonly exchange: Exchange;
  readonly health: Health;
  readonly nodes: Nodes;
}

/** Opens nothing yet: the first call connects and logs in. */
export const openVaultClient = (setup: VaultSetup): VaultClient => {
  const { clock } = setup;
  const closing = new AbortController();
  let opening: Promise<Opened> | undefined;
  const opened = (): Promise<Opened> => {
    if (closing.signal.aborted) throw closedError();
    opening ??= open(setup).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  const nodes = async (): Promise<Nodes> => (await opened()).nodes;
  const { connection, resolveSecret, ownLogins = createOwnLogins(clock) } = setup;
  const { signal } = closing;
  const session = createSession(
    createCredentials({ connection, ownLogins, nodes, clock, resolveSecret, signal }),
    clock,
  );
  const pace = createPace(clock);
  const sendAs = async (
    request: VaultRequest,
    end: Deadline,
    token: Secret | undefined,
  ): Promise<Reply> => {
    pace.refuse();
    const { atActive = false, ...wire } = request;
    const reply = await (await nodes()).send({ ...wire, token, end }, { atActive });
    pace.hear(reply);
    return reply;
  };
  const sendByLogin: SendWith = async (request, end) => {
    const token = await session.token(end);
    const reply = await sendAs(request, end, token);
    if (isSuccess(reply) || errorOf(reply, false).kind !== "dead-token") return reply;
    // Not executed: the token was refused before anything else. Once, with a new login.
    session.refused(token);
    return sendAs(request, end, await session.token(end));
  };
  const own = requestsOf(sendByLogin, clock);
  return {
    ...own,
    loginRisk: async (call) => await loginRiskOf(own, connection, call),
    as: (token) => requestsOf((request, end) => sendAs(request, end, token), clock),
    health: async (call) => (await opened()).health.all(deadlineOf(call, clock)),
    close: async () => {
      if (closing.signal.aborted) return;
      await session.close();
      closing.abort(closedError());
      (await opening?.catch(() => {}))?.exchange.close();
    },
  };
};

const closedError = (): VaultError =>
  new VaultError({ kind: "unreachable", providerCode: "CLOSED" });

const open = async ({ connection, clock, resolveSecret }: VaultSetup): Promise<Opened> => {
  const { addresses, namespace, tls } = connection;
  const ca = tls === undefined ? undefined : await readAuthority(resolveSecret, tls.ca);
  const exchange = openExchange(clock, ca);
  const connections = addresses.map((address) => connectNode(exchange, { address, namespace }));
  const health = createHealth(connections);
  return { exchange, health, nodes: createNodes(connections, health) };
};

const readAuthority = async (
  resolveSecret: VaultSetup["resolveSecret"],
  reference: string,
): Promise<string> => {
  try {
    return pemOf(await resolveSecret(reference));
  } catch {
    throw new VaultError({ kind: "unreachable", providerCode: "CA_UNRESOLVED" });
  }
};

const requestsOf = (send: SendWith, clock: Clock): VaultRequests => {
  const request: VaultRequests["request"] = async (asked, call) => {
    const reply = await send(asked, deadlineOf(call, clock));
    const changes = asked.method !== "GET";
    if (isSuccess(reply)) return { ...answerOf(reply, changes), found: true };
    if (!changes && isNothingThere(reply)) return { ...answerOf(reply, changes), found: false };
    throw errorOf(reply, changes);
  };
  return {
    request,
    read: (path, call) => request({ method: "GET", path }, call),
    write: (path, body, call) => request({ method: "POST", path, body }, call),
    delete: async (path, call) => {
      const reply = await send({ method: "DELETE", path }, deadlineOf(call, clock));
      if (!isSuccess(reply) && !isNothingThere(reply)) throw errorOf(reply, true);
    },
    list: async (path, call) => {
      const { data } = await request({ method: "GET", path, query: { list: "true" } }, call);
      const keys = data["keys"];
      return Array.isArray(keys) ? keys.filter((key) => typeof key === "string") : [];
    },
  };
};

const answerOf = (reply: Reply, changes: boolean): VaultAnswer => {
  const body = bodyOf(reply, changes) ?? {};
  const { data, auth } = body;
  return {
    status: reply.status,
    // Some of sys/ answers without the envelope.
    data: isRecord(data) ? data : "data" in body ? {} : body,
    auth: isRecord(auth) ? auth : undefined,
    text: reply.text,
  };
};
