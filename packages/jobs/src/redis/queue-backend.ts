import { QueueKeys, RedisConnection, RedisQueueBackend } from "bullmq";
import type { QueueBaseOptions } from "bullmq";
import type { Redis } from "ioredis";

/** BullMQ wants a connection among its options; ours is in its backend. */
export type NoConnection = Record<string, never>;

interface QueueParts {
  readonly connection: RedisConnection;
  readonly blocking?: RedisConnection;
  readonly name: string;
  readonly options: QueueBaseOptions<NoConnection> & { readonly prefix: string };
}

/** BullMQ's backend of one queue, on connections that we open and end. */
export function queueBackend({
  connection,
  blocking,
  name,
  options,
}: QueueParts): RedisQueueBackend {
  const keys = new QueueKeys(options.prefix);
  const toKey = (type: string): string => keys.toKey(name, type);
  return new RedisQueueBackend(connection, name, keys.getKeys(name), toKey, options, blocking);
}

// Our client makes the connection and ends it. Waiting for it, or asking for its version, would fail for good when
// Redis is away at that moment.
const unaware = { skipWaitingForReady: true, skipVersionCheck: true };

export const sharedConnection = (client: Redis): RedisConnection =>
  new RedisConnection(client, { ...unaware, shared: true, blocking: false });

/** For the blocking reads of one worker. */
export function blockingConnection(client: Redis): RedisConnection {
  const connection = new RedisConnection(client, { ...unaware, shared: true, blocking: true });
  // Without asking it takes an old version for granted, whose waits are whole seconds.
  const capable = { canDoubleTimeout: true, canBlockFor1Ms: false };
  connection.client.then(
    () => Object.assign(connection.capabilities, capable),
    () => undefined,
  );
  return connection;
}
