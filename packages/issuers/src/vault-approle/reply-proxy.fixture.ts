import { once } from "node:events";
import { createServer, request as ask } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ReplyFault } from "../issuer.suite.ts";

/** Between the issuer and Vault: lets an effect through and loses what Vault says to it. */
export interface ReplyProxy {
  readonly address: string;
  failReply(fault: ReplyFault, nth: number): void;
  /** True when a fault was still waiting. */
  heal(): boolean;
  close(): Promise<void>;
}

interface State {
  readonly target: URL;
  armed: { readonly fault: ReplyFault; remaining: number } | undefined;
}

const effects = /\/(secret-id|secret-id-accessor\/destroy|token\/revoke-accessor)$/;

const isEffect = ({ method, url = "" }: IncomingMessage): boolean =>
  method === "POST" && effects.test(url);

export async function startReplyProxy(target: string): Promise<ReplyProxy> {
  const state: State = { target: new URL(target), armed: undefined };
  const server = createServer((incoming, outgoing) => {
    relay(state, incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    failReply: (fault, nth) => (state.armed = { fault, remaining: nth }),
    heal() {
      const waiting = state.armed !== undefined;
      state.armed = undefined;
      return waiting;
    },
    close: () => closed(server),
  };
}

async function relay(
  state: State,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { method, url, headers } = incoming;
  const { hostname, port } = state.target;
  const upstream = ask({ hostname, port, method, path: url, headers, agent: false });
  upstream.end(await bytesOf(incoming));
  const [answer] = (await once(upstream, "response")) as [IncomingMessage];
  const body = await bytesOf(answer);
  const fault = isEffect(incoming) ? strike(state) : undefined;
  if (fault === "silent") return;
  if (fault === "lost") return void incoming.socket.destroy();
  outgoing.writeHead(answer.statusCode ?? 0, answer.headers).end(body);
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function strike(state: State): ReplyFault | undefined {
  if (state.armed === undefined) return undefined;
  state.armed.remaining -= 1;
  if (state.armed.remaining > 0) return undefined;
  const { fault } = state.armed;
  state.armed = undefined;
  return fault;
}

async function closed(server: Server): Promise<void> {
  const ended = once(server, "close");
  server.close();
  server.closeAllConnections();
  await ended;
}
