import { createPool } from "@rekey/runtime";
import type { Log, PostgresAddress } from "@rekey/runtime";
import { runMigrations } from "bullmq";
import { asJobsFault } from "../within.ts";
import { jobsSchema } from "./connect.ts";

/** Brings BullMQ's schema `rekey_jobs` up to date: one transaction, one migrator at a time. */
export async function migratePostgresJobs(options: {
  readonly connection: PostgresAddress;
  readonly log: Log;
}): Promise<void> {
  const { connection, log } = options;
  const pool = await createPool({
    address: connection,
    log,
    applicationName: "rekey-jobs-migrate",
    max: 1,
  });
  try {
    // One client, never the pool: the lock and the transaction must share a session.
    const client = await pool.connect();
    try {
      await runMigrations(client, jobsSchema);
    } finally {
      client.release();
    }
  } catch (error) {
    throw asJobsFault(error);
  } finally {
    await pool.end();
  }
}
