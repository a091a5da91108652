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
}

/** The last one that was started, as its files tell: PostgreSQL writes pid and port into its lock file. */
export const ownDatabase = ({ dataDir }: Pick<Installation, "dataDir">): OwnDatabase => {
  const lock = readFileSync(join(dataDir, "postgres/cluster/postmaster.pid"), "utf8").split("\n");
  const password = readFileSync(join(dataDir, "postgres.key"), "utf8").trim();
  const url = `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${lock[3]}/rekey`;
  return {
    pid: Number(lock[0]),
    url,
    session: async (applicationName) => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        const { rows } = await client.query<{ pid: number }>(
          "select pid from pg_stat_activity where starts_with(application_name, $1) limit 1",
          [applicationName],
        );
        return rows[0]?.pid ?? Number.NaN;
      } finally {
        await client.end();
      }
    },
  };
};
