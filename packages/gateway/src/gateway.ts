import type { RequestListener, Server } from "node:http";
import { openApiDocument } from "@rekey/contracts";
import { ConfigFault, type SecretReference, type SecretSource } from "@rekey/runtime";
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { checkControls } from "./inventory/controls.ts";
import { createNetworkDoor } from "./network/network-door.ts";
import type { GatewayListenOptions, TcpOptions } from "./network/options.ts";
import type { GatewayOptions, GatewayParts } from "./options.ts";
import { guardAccess } from "./server/access.ts";
import { receiveBodies } from "./server/body.ts";
import { requireHost } from "./server/client-errors.ts";
import { createDoors, socketDoor, type Door, type Doors } from "./server/door.ts";
import { closeServer, openHttpServer } from "./server/http-server.ts";
import { listenOverTcp, portOf } from "./server/listen-tcp.ts";
import { listenAtSocket } from "./server/listen.ts";
import { failureAnswer, refusedAnswer } from "./server/refused.ts";
import { createServe } from "./server/serve.ts";
import { surfaces } from "./surfaces/catalog.ts";

export interface InjectedRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly payload?: string | Buffer;
}

/** The API over the network: what `gateway` of the configuration says, and where its secrets are. */
export interface NetworkListen extends Pick<GatewayListenOptions, "jwt"> {
  readonly tcp: TcpOptions;
  readonly mtls?: GatewayListenOptions["mtls"] | undefined;
  readonly secretSource: (reference: SecretReference) => SecretSource;
}

export interface ListenAt {
  readonly socketPath?: string;
  readonly network?: NetworkListen;
}

/** The HTTP edge of one process. */
export interface Gateway {
  /**
   * At a Unix socket, over TCP, or both; answers the port. Throws ConfigFault where one cannot be had: then it
   * listens nowhere.
   */
  listen(at: ListenAt): Promise<{ readonly port?: number }>;
  /** A request of the socket's owner without a socket, for tests. */
  inject(request: InjectedRequest): Promise<{ readonly statusCode: number; readonly body: string }>;
  /** Long polls answer at once; the socket file is gone when it resolves. */
  close(): Promise<void>;
}

/** One surface of the contract's table of routes after the other. Throws ConfigFault for controls that cannot be. */
export const createGateway = (options: GatewayOptions): Gateway => {
  checkControls(options.controls);
  const closing = new AbortController();
  const parts: GatewayParts = { ...options, closing: closing.signal };
  const doors = createDoors();
  const { app, listener } = createApp(parts, doors);
  const serve = createServe(app, parts);
  for (const surface of surfaces) surface(serve, parts);
  const document = openApiDocument(options.build);
  app.get("/v1/openapi.json", async () => document);
  const own = socketDoor(options.owner);
  const servers: Server[] = [];
  return {
    listen: async (at) => {
      await app.ready();
      try {
        return await openDoors(at, { parts, doors, own, listener, servers });
      } catch (error) {
        await Promise.all(servers.splice(0).map(closeServer));
        throw error;
      }
    },
    inject: async (request) => {
      const { statusCode, body } = await doors.within(own, async () => app.inject({ ...request }));
      return { statusCode, body };
    },
    close: async () => {
      closing.abort();
      await Promise.all(servers.map(closeServer));
      await app.close();
    },
  };
};

interface Opening {
  readonly parts: GatewayParts;
  readonly doors: Doors;
  readonly own: Door;
  readonly listener: RequestListener;
  /** What was opened is added to it. */
  readonly servers: Server[];
}

const openDoors = async (
  { socketPath, network }: ListenAt,
  { parts, doors, own, listener, servers }: Opening,
): Promise<{ readonly port?: number }> => {
  if (socketPath === undefined && network === undefined)
    throw new ConfigFault([{ path: "gateway", text: "set socket, tcp, or both" }]);
  if (socketPath !== undefined) {
    const server = openHttpServer(doors.through(own, listener));
    await listenAtSocket(server, socketPath);
    servers.push(server);
  }
  if (network === undefined) return {};
  const { clock, log, closing } = parts;
  const door = createNetworkDoor(network, clock);
  const through = { listener: doors.through(door, listener), clock, log, closing };
  const { tcp, secretSource } = network;
  const server = await listenOverTcp(tcp, { ...through, secretSource });
  servers.push(server);
  return { port: portOf(server) };
};

const createApp = (
  parts: GatewayParts,
  doors: Doors,
): { readonly app: FastifyInstance; readonly listener: RequestListener } => {
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    genReqId: () => parts.newId(),
    // What Node refuses was answered by our own listener, which came first.
    clientErrorHandler: () => undefined,
    frameworkErrors: (error, request, reply) => answerFailure(parts, { error, request, reply }),
  });
  guardAccess(app, { doors, log: parts.log });
  receiveBodies(app);
  app.setErrorHandler((error, request, reply) => answerFailure(parts, { error, request, reply }));
  app.setNotFoundHandler(async (_request, reply) => {
    const reason = "there is no such call; GET /v1/openapi.json lists all of them";
    const { status, body } = refusedAnswer({ refused: "NOT_FOUND", reason });
    return await reply.status(status).send(body);
  });
  // The library's own server never listens: ours do, one for each door.
  return { app, listener: requireHost((request, response) => app.routing(request, response)) };
};

interface Failed {
  readonly error: unknown;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

const answerFailure = (parts: GatewayParts, { error, request, reply }: Failed): void => {
  const route = request.routeOptions.url ?? "unknown";
  const keeps = request.routeOptions.config.keeps ?? "nothing";
  const { status, body } = failureAnswer({ error, requestId: request.id, route, keeps }, parts.log);
  void reply.status(status).send(body);
};
