import type { Clock, Fault } from "@rekey/domain";
import { Redis } from "ioredis";
import { redisTarget } from "./connect.ts";
import type { RedisAddress, RedisTls } from "./connect.ts";
import { redisFault } from "./fault.ts";

export interface RedisPlace {
  readonly connection: RedisAddress;
  readonly tls?: RedisTls;
}

export interface RedisClient {
  readonly redis: Redis;
  /** What to say of an error of its commands: while it is not connected, why it is not. */
  faultOf(error: unknown): Fault;
}

/** What a connection is for decides how it waits. */
export type ClientRole = "invite" | "fetch" | "wait";

const connectMs = 2_000;
/** Silence after a command on a connection without blocking reads: it is half open or the server hangs. */
const answerSilenceMs = 5_000;
/** Longer than the longest blocking read, which BullMQ caps at 10 s at most. */
const waitSilenceMs = 20_000;
const retryStepMs = 100;
const retryMaxMs = 1_000;
const loadingMaxMs = 1_000;
const keepAliveMs = 10_000;
/** How long a closing socket waits for the other side. */
const goodbyeMs = 250;

/**
 * A client that connects again for ever, within a second of the server being back. It is given out while it still
 * connects. Its address is read again for each new connection, so that a changed password is found.
 */
export async function openClient(place: RedisPlace, role: ClientRole): Promise<RedisClient> {
  const { connection, tls } = place;
  const redis = new Redis({
    ...(await redisTarget(connection, tls)),
    ...settings,
    ...roleSettings[role],
    connectionName: `rekey-jobs-${role}`,
  });
  hearEachError(redis);
  let refused: unknown;
  redis.on("error", (error) => {
    refused = error;
    if ("read" in connection && isRefusedLogin(error)) connection.invalidate();
  });
  redis.on("ready", () => void (refused = undefined));
  redis.on("close", () => {
    redisTarget(connection, tls)
      .then((target) => Object.assign(redis.options, target))
      // The last known address serves until its source can be read again.
      .catch(() => undefined);
  });
  // It retries by itself; whoever needs an answer asks for one.
  redis.connect().catch(() => undefined);
  return {
    redis,
    faultOf: (error) => redisFault(redis.status === "ready" ? error : (refused ?? error)),
  };
}

/**
 * ioredis hears the first error of a socket alone, and one of TLS may tell of several: of a certificate, and then of the
 * alert that the server sent meanwhile (Node's `TLSSocket._emitTLSError`). One that nobody hears ends the process.
 */
function hearEachError(redis: Redis): void {
  let socket = redis.stream;
  Object.defineProperty(redis, "stream", {
    get: () => socket,
    set: (next: Redis["stream"]) => {
      socket = next;
      next.on("error", () => undefined);
    },
  });
}

const settings = {
  // The first attempt is ours to catch.
  lazyConnect: true,
  connectTimeout: connectMs,
  disconnectTimeout: goodbyeMs,
  keepAlive: keepAliveMs,
  retryStrategy: (attempts: number): number => Math.min(attempts * retryStepMs, retryMaxMs),
  maxLoadingRetryTime: loadingMaxMs,
  // After a failover the old primary goes on answering: the address may lead to the new one.
  reconnectOnError: (error: Error): boolean => error.message.startsWith("READONLY"),
};

const roleSettings = {
  // Refuses at once while away: what waits in memory during an outage would have no bound.
  invite: {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    socketTimeout: answerSilenceMs,
  },
  // BullMQ asks one thing at a time and waits for it, however long the server is away.
  fetch: { maxRetriesPerRequest: null, socketTimeout: answerSilenceMs },
  wait: { maxRetriesPerRequest: null, socketTimeout: waitSilenceMs },
} as const;

/** Ends the connection and all that waits for it, in whatever state it is. */
export function endClient(client: Redis): void {
  if (client.status === "end") return;
  client.disconnect();
  if (client.status !== "reconnecting") return;
  // Between two attempts there is no socket whose end would be heard: an attempt is begun and given up.
  client.connect().catch(() => undefined);
  client.disconnect();
}

/** True when the first attempt connected; false when it failed or took longer. Further ones follow by themselves. */
export async function firstAttempt(clock: Clock, limitMs: number, client: Redis): Promise<boolean> {
  if (client.status === "ready") return true;
  return await new Promise((resolve) => {
    const answer = (connected: boolean): void => {
      cancel();
      client.off("ready", onReady).off("close", onClose);
      resolve(connected);
    };
    const onReady = (): void => answer(true);
    const onClose = (): void => answer(false);
    const cancel = clock.after(limitMs, onClose);
    client.on("ready", onReady).on("close", onClose);
  });
}

const isRefusedLogin = (error: Error): boolean => /^(WRONGPASS|NOAUTH)\b/.test(error.message);
