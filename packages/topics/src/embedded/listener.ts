import type { Clock } from "@rekey/domain";
import { createBell, settledWithin } from "@rekey/runtime";
import type { Pool, PoolClient } from "pg";
import { openPool } from "./connect.ts";
import type { Connection } from "./connect.ts";

const reconnectMs = 500;
const closeMs = 500;

export interface Listener {
  close(): Promise<void>;
}

export interface ListenerOptions {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly channel: string;
  readonly onPayload: (payload: string) => void;
  /** Called whenever listening (re)started: what was sent before it may have been missed. */
  readonly onListening: () => void;
}

/** Keeps one LISTEN connection open, again and again, until closed. */
export function createListener(options: ListenerOptions): Listener {
  const bell = createBell();
  const opening = openPool(options.connection, "listen", 1);
  const state = { closed: false, hangUp: (): void => undefined };
  const closing = new Promise<void>((resolve) => {
    state.hangUp = resolve;
  });
  const loop = async (): Promise<void> => {
    const pool = await opening;
    while (!state.closed) {
      await listenUntilEnd(pool, options, closing);
      if (!state.closed) await bell.wait(options.clock, { atMostMs: reconnectMs });
    }
    await pool.end();
  };
  // A pool that cannot even be made (an unreadable address) leaves the poll alone.
  const running = loop().catch(() => undefined);
  return {
    async close() {
      state.closed = true;
      state.hangUp();
      bell.ring();
      await settledWithin(options.clock, closeMs, running);
    },
  };
}

// A hint that cannot be heard is replaced by the poll: nothing here is an error of the log.
async function listenUntilEnd(
  pool: Pool,
  options: ListenerOptions,
  closing: Promise<void>,
): Promise<void> {
  let client: PoolClient | undefined;
  try {
    client = await pool.connect();
    const lost = new Promise<void>((resolve) => {
      client?.once("end", resolve);
      client?.on("error", () => resolve());
    });
    client.on("notification", (message) => options.onPayload(message.payload ?? ""));
    await client.query(`listen ${options.channel}`);
    options.onListening();
    await Promise.race([lost, closing]);
  } catch {
    // Tried again after a pause.
  } finally {
    client?.release(true);
  }
}
