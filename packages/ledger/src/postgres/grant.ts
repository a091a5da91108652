import { classify, createPool, type Log, type PostgresAddress } from "@rekey/runtime";
import type { Pool } from "pg";
import { translated } from "./database.ts";

interface GrantRequest {
  /** As the owner of the schema. */
  readonly connection: PostgresAddress;
  /** The role that services log in as. */
  readonly role: string;
  readonly log: Log;
}

/**
 * Lets a role read and write the ledger's rows and nothing else: it changes no table, and it can neither change
 * nor delete what the audit log holds, nor its order. Run it after every migration; running it again changes nothing.
 */
export const grantLedger = async ({ connection, role, log }: GrantRequest): Promise<void> => {
  const pool = await createPool({
    address: connection,
    applicationName: "rekey-migrate",
    log,
    max: 1,
  });
  try {
    for (const statement of await statements(pool, role)) await pool.query(statement);
  } catch (error) {
    throw translated(classify(error, "work") ?? error);
  } finally {
    await pool.end();
  }
};

const grants = [
  "grant usage on schema rekey to %I",
  "grant select, insert, update, delete on all tables in schema rekey to %I",
  "grant usage, select on all sequences in schema rekey to %I",
  "revoke update, delete, truncate on rekey.audit_events, rekey.audit_leaves from %I",
  "revoke insert, update, delete, truncate on rekey.migrations from %I",
  "revoke update, delete, truncate on rekey.peppers from %I",
];

/** The server quotes the role's name. */
const statements = async (pool: Pool, role: string): Promise<readonly string[]> => {
  const { rows } = await pool.query<{ statement: string }>(
    "select format(line, $2::text) as statement from unnest($1::text[]) with ordinality t(line, n) order by n",
    [grants, role],
  );
  return rows.map(({ statement }) => statement);
};
