import { randomUUID } from "node:crypto";
import type { Clock } from "@rekey/domain";
import type { Connection, Database } from "./connect.ts";
import { createListener } from "./listener.ts";
import type { Listener } from "./listener.ts";

const channel = "rekey_topics";
// One payload is one key; PostgreSQL takes up to 8000 bytes.
const keysPerNotifyMax = 100;

export const topicKey = (name: string): string => `topic:${name}`;
export const groupKey = (group: string): string => `group:${group}`;

/** Hints that there may be something to read: at once in this process, by NOTIFY in others. */
export interface Wake {
  /** Calls `ring` for each hint under one of the keys; the answer ends it. */
  listen(keys: readonly string[], ring: () => void): () => void;
  /** Never fails and never waits: a lost hint costs one poll interval. */
  signal(keys: readonly string[]): void;
  close(): Promise<void>;
}

interface WakeOptions {
  readonly connection: Connection;
  readonly database: Database;
  readonly clock: Clock;
}

export function createWake(options: WakeOptions): Wake {
  const own = randomUUID();
  const ears = new Map<() => void, ReadonlySet<string>>();
  const notify = createNotify(options.database, own);
  let listener: Listener | undefined;
  const ringFor = (key: string): void => {
    for (const [ring, keys] of ears) if (keys.has(key)) ring();
  };
  const start = (): Listener =>
    createListener({
      connection: options.connection,
      clock: options.clock,
      channel,
      onPayload: (payload) => {
        const [sender, key] = split(payload);
        if (sender !== own) ringFor(key);
      },
      onListening: () => {
        for (const ring of ears.keys()) ring();
      },
    });
  return {
    listen(keys, ring) {
      listener ??= start();
      ears.set(ring, new Set(keys));
      return () => void ears.delete(ring);
    },
    signal(keys) {
      for (const key of keys) ringFor(key);
      notify.add(keys);
    },
    async close() {
      ears.clear();
      await notify.idle();
      await listener?.close();
    },
  };
}

function split(payload: string): [string, string] {
  const space = payload.indexOf(" ");
  return [payload.slice(0, space), payload.slice(space + 1)];
}

/**
 * NOTIFY has a commit of its own, after the append's: in the append it would take the database-wide
 * notify lock through the flush to disk. What is signalled while one is on its way goes with the next.
 */
function createNotify(database: Database, sender: string) {
  const waiting = new Set<string>();
  let sending: Promise<void> | undefined;
  const send = async (): Promise<void> => {
    while (waiting.size > 0) {
      const keys = [...waiting].slice(0, keysPerNotifyMax);
      for (const key of keys) waiting.delete(key);
      const payloads = keys.map((key) => `${sender} ${key}`);
      await database.query(notifyStatement, [channel, payloads]).catch(() => undefined);
    }
    sending = undefined;
  };
  return {
    add(keys: readonly string[]): void {
      for (const key of keys) waiting.add(key);
      sending ??= send();
    },
    idle: async (): Promise<void> => {
      await sending;
    },
  };
}

const notifyStatement = "select pg_notify($1, payload) from unnest($2::text[]) as hints (payload)";
