import type { Secret } from "@rekey/secret";
import type pg from "pg";
import { openPool } from "./connect.ts";

/** One line of the service's file: an attempt with its outcome, or that it now uses another version. */
export type PaymentLine =
  | {
      readonly kind: "payment";
      readonly startedAt: number;
      readonly endedAt: number;
      readonly ok: boolean;
      /** SQLSTATE, or what became of the connection. */
      readonly code?: string;
    }
  | {
      readonly kind: "moved";
      readonly credential: string;
      readonly version: number;
      readonly at: number;
    };

export interface PaymentStream {
  /** New payments use this value from here on; resolves when the connections of the old one are closed. */
  use(url: Secret): Promise<void>;
  stop(): Promise<void>;
}

/** A steady stream of payments. Each is tried exactly once: what fails is recorded as failed. */
export const startPayments = (
  everyMs: number,
  record: (line: PaymentLine) => void,
): PaymentStream => {
  let pool: pg.Pool | undefined;
  const underWay = new Set<Promise<void>>();
  const timer = setInterval(() => {
    if (pool === undefined) return;
    const one = pay(pool, record).finally(() => underWay.delete(one));
    underWay.add(one);
  }, everyMs);
  return {
    use: async (url) => {
      const next = await openPool(url);
      const last = pool;
      pool = next;
      await last?.end();
    },
    stop: async () => {
      clearInterval(timer);
      await Promise.all(underWay);
      await pool?.end();
    },
  };
};

const pay = async (through: pg.Pool, record: (line: PaymentLine) => void): Promise<void> => {
  const startedAt = Date.now();
  try {
    await through.query("insert into payments (cents) values (1)");
    record({ kind: "payment", startedAt, endedAt: Date.now(), ok: true });
  } catch (error) {
    const { code = "connection-lost" } = error as { readonly code?: string };
    record({ kind: "payment", startedAt, endedAt: Date.now(), ok: false, code });
  }
};
