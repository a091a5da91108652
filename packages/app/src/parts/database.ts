import { migratePostgresJobs } from "@rekey/jobs";
import { migrateLedger } from "@rekey/ledger";
import {
  createPool,
  startEmbeddedPostgres,
  superviseLoop,
  systemClock,
  type ConnectionParts,
  type EmbeddedPostgres,
  type Log,
  type Shutdown,
} from "@rekey/runtime";
import { migrateEmbeddedTopics } from "@rekey/topics";
import { join } from "node:path";
import { aborted } from "../loops/aborted.ts";
import { keyFile } from "./keys.ts";

const databaseName = "rekey";

interface DatabaseOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly log: Log;
}

export interface Database {
  readonly connection: ConnectionParts;
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

const ensureDatabase = async (connection: ConnectionParts, log: Log): Promise<void> => {
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

interface KeepOptions {
  readonly server: EmbeddedPostgres;
  readonly log: Log;
  readonly shutdown: Shutdown;
}

/** The server was killed or crashed. */
class DatabaseEnded extends Error {
  readonly code = "POSTGRES_ENDED";
}

/**
 * Starts the server again on the same port and files when it ends unasked, three times a minute; then the
 * process ends, for its supervisor to start it anew. Registers the orderly stop.
 */
export const keepDatabase = ({ server, log, shutdown }: KeepOptions): void => {
  let ended = false;
  const kept = superviseLoop({
    name: "database",
    run: async (signal) => {
      if (ended) await server.restart();
      await Promise.race([server.ended(), aborted(signal)]);
      if (signal.aborted) return;
      ended = true;
      throw new DatabaseEnded("the database server ended");
    },
    signal: shutdown.signal,
    clock: systemClock,
    log,
    onExhausted: (exitCode) => void shutdown.stop("the database died too often", exitCode),
  });
  shutdown.onStop("database", async () => {
    // A restart under way would leave a server that nobody stops.
    await kept;
    await server.stop();
  });
};
