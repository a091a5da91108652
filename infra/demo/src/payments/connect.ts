import type { Secret } from "@rekey/secret";
import { Pool } from "pg";

const connectionsMax = 4;
// A payment that a busy machine answers late is no failed one.
const connectMsMax = 15_000;
const queryMsMax = 15_000;

/** Connections of the payment service with one value of its credential. */
export interface PaymentConnections {
  /** One payment: one statement, never repeated. Rejects with whatever pg says. */
  pay(amountCents: number): Promise<void>;
  /** Resolves when payments under way are through and every connection is closed. */
  end(): Promise<void>;
}

/** Connects once before it answers, so that the service never moves to a value that does not work. */
export const openPayments = async (url: Secret): Promise<PaymentConnections> => {
  const pool = new Pool({
    connectionString: url.reveal(),
    application_name: "payments-api",
    max: connectionsMax,
    connectionTimeoutMillis: connectMsMax,
    query_timeout: queryMsMax,
  });
  // An idle connection that the server ends leaves the pool; the next payment says what it means.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  try {
    await pool.query("select 1");
  } catch (error) {
    await pool.end();
    throw error;
  }
  return {
    pay: async (amountCents) => {
      await pool.query("insert into payments (amount_cents) values ($1)", [amountCents]);
    },
    end: () => pool.end(),
  };
};
