import { fileURLToPath } from "node:url";
import { setTimeout as sleepMs } from "node:timers/promises";
import { Fault } from "@rekey/domain";
import { classify, createPool, newId, type Log, type PostgresAddress } from "@rekey/runtime";
import { PG_MIGRATE_LOCK_ID, runner } from "node-pg-migrate";
import type { Pool, PoolClient } from "pg";
import { numberHistory } from "./audit-order.ts";
import { translated } from "./database.ts";
import { migrationFiles } from "./migration-files.ts";

/** This build's migrations, in the order of their names. */
export const directory = fileURLToPath(new URL("../../migrations", import.meta.url));
/** A migration may read a table: it is given longer than a command. */
const statementMs = 600_000;
/** Who writes waits behind a migration that waits for a lock: no longer than this, and then it fails and can be run again. */
const lockLimitMs = 10_000;
const turnsMax = 6_000;
const turnMs = 100;

/**
 * Brings the schema `rekey` forward to this build, while services run; several processes may ask at once. One transaction
 * as far as the next migration that runs alone. Then it gives what the audit log held before its positions, in pieces.
 * Answers the names of the migrations it ran.
 */
export const migrateLedger = async (request: {
  readonly connection: PostgresAddress;
  readonly log: Log;
  /** Another build's folder of migrations; only tests have one. */
  readonly from?: string;
  /** Only tests wait less. */
  readonly lockMs?: number;
}): Promise<readonly string[]> => {
  const pool = await createPool({
    address: request.connection,
    applicationName: "rekey-migrate",
    log: request.log,
    max: 1,
    limits: {
      statementMs,
      queryMs: statementMs,
      lockMs: request.lockMs ?? lockLimitMs,
      idleInTransactionMs: statementMs,
    },
  });
  try {
    const names = await run(pool, request.from ?? directory);
    await numberHistory({ pool, newId, build: "" });
    return names;
  } catch (error) {
    throw translated(classify(error, "work") ?? error);
  } finally {
    await pool.end();
  }
};

const run = async (pool: Pool, dir: string): Promise<readonly string[]> => {
  const client = await pool.connect();
  try {
    await takeTurn(client);
    return (await runner({ ...options, dir, dbClient: client })).map(({ name }) => name);
  } finally {
    // With the connection the lock goes too.
    client.release(true);
  }
};

/** Asks again and again: an index that is built while others write would wait for the statement of whoever waits for it. */
const takeTurn = async (client: PoolClient): Promise<void> => {
  const text = "select pg_try_advisory_lock($1) as taken";
  for (let turn = 0; turn < turnsMax; turn += 1) {
    const { rows } = await client.query<{ taken: boolean }>(text, [PG_MIGRATE_LOCK_ID]);
    if (rows[0]?.taken === true) return;
    await sleepMs(turnMs);
  }
  throw new Fault("LEDGER_UNREACHABLE");
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
  noLock: true,
  migrationLoaderStrategies: migrationFiles,
  logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
} as const;
