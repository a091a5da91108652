import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import type { Installation } from "./installation.fixture.ts";

/** The embedded PostgreSQL of a running installation, seen from outside. */
export interface OwnDatabase {
  readonly pid: number;
  readonly url: string;
  /** The server process of one session whose application name begins so. */
  session(applicationName: string): Promise<number>;
  /** Transactions since it was made, and the server's time in milliseconds. */
  transactions(): Promise<{ readonly count: number; readonly atMs: number }>;
  /** The name of the folder that holds the ledger's tables. */
  folder(): Promise<string>;
}

/** The last one that was started, as its files tell: PostgreSQL writes pid and port into its lock file. */
export const ownDatabase = ({ dataDir }: Pick<Installation, "dataDir">): OwnDatabase => {
  const lock = readFileSync(join(dataDir, "postgres/cluster/postmaster.pid"), "utf8").split("\n");
  const pid = Number(lock[0]);
  // A signal to process 0 would reach the test's own.
  if (!(pid > 0) || lock[3] === undefined) throw new Error("the server writes its lock file");
  const password = readFileSync(join(dataDir, "postgres.key"), "utf8").trim();
  const url = `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${lock[3]}/rekey`;
  const ask = async (text: string, values: string[] = []): Promise<string> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      const { rows } = await client.query<{ answer: string }>(text, values);
      return rows[0]?.answer ?? "";
    } finally {
      await client.end();
    }
  };
  return {
    pid,
    url,
    session: async (applicationName) => {
      const text =
        "select pid::text as answer from pg_stat_activity where starts_with(application_name, $1)";
      return Number.parseInt(await ask(text, [applicationName]), 10);
    },
    transactions: async () => {
      const text =
        "select xact_commit || ' ' || floor(extract(epoch from now()) * 1000) as answer from pg_stat_database where datname = current_database()";
      const [count = 0, atMs = 0] = (await ask(text)).split(" ").map(Number);
      return { count, atMs };
    },
    folder: async () =>
      await ask("select oid::text as answer from pg_database where datname = current_database()"),
  };
};
