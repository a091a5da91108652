import { fileURLToPath } from "node:url";
import { createPool, type Log, type PostgresAddress } from "@rekey/runtime";
import { runner } from "node-pg-migrate";
import { translated } from "./database.ts";

/** This build's migrations, in the order of their names. */
export const directory = fileURLToPath(new URL("../../migrations", import.meta.url));
/** A migration may rewrite a table: it is given longer than a command. */
const statementMs = 600_000;
const lockMs = 10_000;

/**
 * Brings the schema `rekey` forward to this build, in one transaction; several processes may ask at once.
 * Answers the names of the migrations it ran.
 */
export const migrateLedger = async (request: {
  readonly connection: PostgresAddress;
  readonly log: Log;
  /** Another build's folder of migrations; only tests have one. */
  readonly from?: string;
}): Promise<readonly string[]> => {
  const pool = await createPool({
    address: request.connection,
    applicationName: "rekey-migrate",
    log: request.log,
    max: 1,
    limits: { statementMs, queryMs: statementMs, lockMs, idleInTransactionMs: statementMs },
  });
  try {
    const client = await pool.connect();
    try {
      const run = await runner({ ...options, dir: request.from ?? directory, dbClient: client });
      return run.map(({ name }) => name);
    } finally {
      client.release(true);
    }
  } catch (error) {
    throw translated(error);
  } finally {
    await pool.end();
  }
};

const quiet = (): void => {};

const options = {
  direction: "up",
  migrationsSchema: "rekey",
  migrationsTable: "migrations",
  schema: "rekey",
  createSchema: true,
  createMigrationsSchema: true,
  checkOrder: true,
  singleTransaction: true,
  advisoryLockMode: "wait",
  logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
} as const;
