import { createPool } from "@rekey/runtime";
import type { Log, PostgresAddress } from "@rekey/runtime";
import type { Pool } from "pg";

/** What the log needs of a pool; every statement is one short transaction of its own. */
export type Database = Pick<Pool, "query">;

export interface Connection {
  readonly address: PostgresAddress;
  readonly log: Log;
}

// Several answers fit into a lease, and a stop waits for none of them.
const limits = {
  connectMs: 2_000,
  statementMs: 4_000,
  queryMs: 5_000,
  lockMs: 4_000,
  idleInTransactionMs: 4_000,
  idleMs: 10_000,
};

/** At most `max` connections, closed again after 10 s without use. */
export const openPool = (connection: Connection, purpose: string, max: number): Promise<Pool> =>
  createPool({ ...connection, applicationName: `rekey-topics-${purpose}`, max, limits });
