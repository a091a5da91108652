import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import {
  consumerRoutes,
  verifyAcknowledgement,
  verifyHeartbeat,
  type AcknowledgementClaims,
  type AnnouncementWire,
  type HeartbeatClaims,
} from "@rekey/contracts";
import { isRefusal, type Refusal } from "@rekey/domain";

/** A real HTTP server that speaks the gateway's shapes: a list of announcements, a list of what was received. */
export interface GatewayFixture {
  readonly url: string;
  readonly port: number;
  announce(announcement: AnnouncementWire): void;
  /** Answers the next calls of this path with the status instead. */
  failNext(path: string, status: number, times: number): void;
  readonly moves: AcknowledgementClaims[];
  readonly heartbeats: HeartbeatClaims[];
  readonly refused: (Refusal | string)[];
  readonly polls: string[];
  sockets(): number;
  close(): Promise<void>;
}

interface State {
  readonly announced: AnnouncementWire[];
  readonly waiting: Set<() => void>;
  readonly failures: Map<string, { status: number; times: number }>;
  readonly fixture: Pick<GatewayFixture, "moves" | "heartbeats" | "refused" | "polls">;
  readonly bearer: string;
  readonly publicJwk: Readonly<Record<string, unknown>>;
}

export const openGateway = async (
  publicJwk: Readonly<Record<string, unknown>>,
  bearer: string,
  listenOn: number | string = 0,
): Promise<GatewayFixture> => {
  const lists = { moves: [], heartbeats: [], refused: [], polls: [] };
  const state: State = {
    announced: [],
    waiting: new Set(),
    failures: new Map(),
    fixture: lists,
    bearer,
    publicJwk,
  };
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    void answer(state, request, response);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  if (typeof listenOn === "string") server.listen(listenOn);
  else server.listen(listenOn, "127.0.0.1");
  await once(server, "listening");
  const port = (server.address() as AddressInfo).port;
  return {
    ...lists,
    port,
    url: `http://127.0.0.1:${port}`,
    announce: (announcement) => {
      state.announced.push(announcement);
      for (const wake of state.waiting) wake();
    },
    failNext: (path, status, times) => state.failures.set(path, { status, times }),
    sockets: () => sockets.size,
    close: () => closeServer(server),
  };
};

const closeServer = async (server: Server): Promise<void> => {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
};

const answer = async (
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const url = new URL(request.url ?? "", "http://gateway");
  const body = await bodyOf(request);
  const reply = (status: number, value: unknown): void => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
  };
  if (request.headers.authorization !== `Bearer ${state.bearer}`) return reply(401, {});
  const failure = state.failures.get(url.pathname);
  if (failure !== undefined && failure.times > 0) {
    failure.times -= 1;
    return reply(failure.status, {});
  }
  if (url.pathname === consumerRoutes.announcements.path) {
    return reply(200, await announcements(state, url, response));
  }
  return reply(200, await receive(state, url.pathname, body));
};

const announcements = async (
  state: State,
  url: URL,
  response: ServerResponse,
): Promise<unknown> => {
  state.fixture.polls.push(url.search);
  const after = Number(url.searchParams.get("after") ?? 0);
  if (state.announced.length <= after) {
    const { promise, resolve } = Promise.withResolvers<void>();
    state.waiting.add(resolve);
    const timer = setTimeout(resolve, Number(url.searchParams.get("waitMs")));
    response.once("close", resolve);
    await promise;
    clearTimeout(timer);
    state.waiting.delete(resolve);
  }
  return { announcements: state.announced.slice(after), cursor: String(state.announced.length) };
};

const receive = async (state: State, path: string, body: string): Promise<unknown> => {
  const { jws } = JSON.parse(body) as { jws: string };
  const { moves, heartbeats, refused } = state.fixture;
  if (path === consumerRoutes.acknowledge.path) {
    const claims = await verifyAcknowledgement(jws, state.publicJwk, Date.now());
    if (isRefusal(claims)) refused.push(claims);
    else moves.push(claims);
  } else if (path === consumerRoutes.heartbeat.path) {
    const claims = await verifyHeartbeat(jws, state.publicJwk, Date.now());
    if (isRefusal(claims)) refused.push(claims);
    else heartbeats.push(claims);
  } else refused.push(path);
  return { outcome: "counted" };
};

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
};
