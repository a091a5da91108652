import { createServer, connect } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import type { ReplyFault } from "../issuer.suite.ts";

/** Between the issuer and the server: lets an effect through and loses what the server says to it. */
export interface ReplyProxy {
  readonly port: number;
  failReply(fault: ReplyFault, nth: number): void;
  /** True when a fault was still waiting. */
  heal(): boolean;
  close(): Promise<void>;
}

const isEffect = (sent: Buffer): boolean =>
  sent.includes(";\ncommit") || sent.includes("pg_terminate_backend");

export async function startReplyProxy(target: { host: string; port: number }): Promise<ReplyProxy> {
  const state: State = { armed: undefined, open: new Set() };
  const server = createServer((client) => join(client, target, state));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    failReply: (fault, nth) => (state.armed = { fault, remaining: nth }),
    heal() {
      const waiting = state.armed !== undefined;
      state.armed = undefined;
      return waiting;
    },
    close: () => closed(server, state),
  };
}

interface State {
  armed: { readonly fault: ReplyFault; remaining: number } | undefined;
  readonly open: Set<Socket>;
}

function join(client: Socket, target: { host: string; port: number }, state: State): void {
  const upstream = connect(target);
  let struck: ReplyFault | undefined;
  client.on("data", (sent: Buffer) => {
    if (isEffect(sent)) struck ??= strike(state);
    upstream.write(sent);
  });
  // The server answers a commit after it is done: its first byte says that the effect has happened.
  upstream.on("data", (answer: Buffer) => {
    if (struck === undefined) client.write(answer);
    if (struck === "lost") client.destroy();
  });
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    state.open.add(one);
    one.on("error", () => one.destroy());
    one.on("close", () => {
      state.open.delete(one);
      other.destroy();
    });
  }
}

function strike(state: State): ReplyFault | undefined {
  if (state.armed === undefined) return undefined;
  state.armed.remaining -= 1;
  if (state.armed.remaining > 0) return undefined;
  const { fault } = state.armed;
  state.armed = undefined;
  return fault;
}

async function closed(server: Server, state: State): Promise<void> {
  for (const socket of state.open) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
}
