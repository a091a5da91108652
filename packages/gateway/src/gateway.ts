import { createServer, type Server } from "node:http";
import { openApiDocument } from "@rekey/contracts";
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { checkControls } from "./inventory/controls.ts";
import type { GatewayOptions, GatewayParts } from "./options.ts";
import { receiveBodies } from "./server/body.ts";
import { answerClientErrors, headersBytesMax, requireHost } from "./server/client-errors.ts";
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

/** The HTTP edge of one process. */
export interface Gateway {
  /** Throws ConfigFault where the socket cannot be taken. */
  listen(at: { readonly socketPath: string }): Promise<void>;
  /** A request without a socket, for tests. */
  inject(request: InjectedRequest): Promise<{ readonly statusCode: number; readonly body: string }>;
  /** Long polls answer at once; the socket file is gone when it resolves. */
  close(): Promise<void>;
}

const requestMs = 30_000;
const headersMs = 10_000;
const idleMs = 5_000;
const connectionsMax = 256;

/** One surface of the contract's table of routes after the other. Throws ConfigFault for controls that cannot be. */
export const createGateway = (options: GatewayOptions): Gateway => {
  checkControls(options.controls);
  const closing = new AbortController();
  const parts: GatewayParts = { ...options, closing: closing.signal };
  const { app, server } = createApp(parts);
  const serve = createServe(app, parts);
  for (const surface of surfaces) surface(serve, parts);
  const document = openApiDocument(options.build);
  app.get("/v1/openapi.json", async () => document);
  return {
    listen: async ({ socketPath }) => {
      await app.ready();
      await listenAtSocket(server, socketPath);
    },
    inject: async (request) => {
      const { statusCode, body } = await app.inject({ ...request });
      return { statusCode, body };
    },
    close: async () => {
      closing.abort();
      await closeServer(server);
      await app.close();
    },
  };
};

const createApp = (
  parts: GatewayParts,
): { readonly app: FastifyInstance; readonly server: Server } => {
  const server = createServer({
    requestTimeout: requestMs,
    headersTimeout: headersMs,
    keepAliveTimeout: idleMs,
    maxHeaderSize: headersBytesMax,
    requireHostHeader: false,
  });
  answerClientErrors(server);
  server.maxConnections = connectionsMax;
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    genReqId: () => parts.newId(),
    // What Node refuses was answered by our own listener, which came first.
    clientErrorHandler: () => undefined,
    serverFactory: (listener) => server.on("request", requireHost(listener)),
    frameworkErrors: (error, request, reply) => answerFailure(parts, { error, request, reply }),
  });
  receiveBodies(app);
  app.setErrorHandler((error, request, reply) => answerFailure(parts, { error, request, reply }));
  app.setNotFoundHandler(async (_request, reply) => {
    const reason = "there is no such call; GET /v1/openapi.json lists all of them";
    const { status, body } = refusedAnswer({ refused: "NOT_FOUND", reason });
    return await reply.status(status).send(body);
  });
  return { app, server };
};

interface Failed {
  readonly error: unknown;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

const answerFailure = (parts: GatewayParts, { error, request, reply }: Failed): void => {
  const route = request.routeOptions.url ?? "unknown";
  const { status, body } = failureAnswer({ error, requestId: request.id, route }, parts.log);
  void reply.status(status).send(body);
};

/** What is being answered gets this long; idle connections end at once. */
const drainMs = 2_000;

const closeServer = async (server: Server): Promise<void> => {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearTimeout(late);
};
