import { createServer, type RequestListener, type Server, type ServerOptions } from "node:http";
import { answerClientErrors, headersBytesMax } from "./client-errors.ts";

const requestMs = 30_000;
const headersMs = 10_000;
const idleMs = 5_000;
/** How often connections are looked at for those two. */
const checkMs = 5_000;
const connectionsMax = 256;

/** The bounds of every server, whatever it listens at. */
export const serverLimits = {
  requestTimeout: requestMs,
  headersTimeout: headersMs,
  keepAliveTimeout: idleMs,
  connectionsCheckingInterval: checkMs,
  maxHeaderSize: headersBytesMax,
  requireHostHeader: false,
} as const satisfies ServerOptions;

export const limitServer = (server: Server): void => {
  answerClientErrors(server);
  server.maxConnections = connectionsMax;
};

export const openHttpServer = (listener: RequestListener): Server => {
  const server = createServer(serverLimits, listener);
  limitServer(server);
  return server;
};

/** What is being answered gets this long; idle connections end at once. */
const drainMs = 2_000;

export const closeServer = async (server: Server): Promise<void> => {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearTimeout(late);
};
