import { migratePostgresJobs } from "@rekey/jobs";
import { migrateLedger } from "@rekey/ledger";
import {
  createPool,
  startEmbeddedPostgres,
  type ConnectionInfo,
  type EmbeddedPostgres,
  type Log,
} from "@rekey/runtime";
import { migrateEmbeddedTopics } from "@rekey/topics";
import { join } from "node:path";
import { keyFile } from "./keys.ts";

const databaseName = "rekey";

interface DatabaseOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly log: Log;
}

export interface Database {
  readonly connection: ConnectionInfo;
  readonly server: EmbeddedPostgres;
}

/** Starts the embedded PostgreSQL, makes the database once and brings every room's schema up to date. */
export const startDatabase = async ({ dataDir, port, log }: DatabaseOptions): Promise<Database> => {
  const password = await keyFile(dataDir, "postgres.key");
  const server = await startEmbeddedPostgres({
    dataDir: join(dataDir, "postgres"),
    port,
    password,
    log,
  });
  try {
    await ensureDatabase(server.connection, log);
    const connection = { ...server.connection, database: databaseName };
    await migrateLedger({ connection, log });
    await migrateEmbeddedTopics({ connection, log });
    await migratePostgresJobs({ connection, log });
    return { connection, server };
  } catch (error) {
    await server.stop();
    throw error;
  }
};

const ensureDatabase = async (connection: ConnectionInfo, log: Log): Promise<void> => {
  const pool = await createPool({
    address: connection,
    applicationName: "rekey-setup",
    log,
    max: 1,
  });
  try {
    const found = await pool.query("select 1 from pg_database where datname = $1", [databaseName]);
    if (found.rowCount === 0) await pool.query(`create database ${databaseName}`);
  } finally {
    await pool.end();
  }
};
