import { createPool, fixedSource, silentLog, systemClock } from "@rekey/runtime";
import { dedicatedServer } from "@rekey/testkit";
import type { DedicatedServer } from "@rekey/testkit";
import type { Pool } from "pg";
import { spawnStuckServer } from "../suite/child.suite.ts";
import type { StuckServer } from "../suite/child.suite.ts";
import type { JobsWorld } from "../suite/world.suite.ts";
import { jobsSchema } from "./connect.ts";
import { migratePostgresJobs } from "./migrate.ts";
import { openPostgresDispatcher } from "./open.ts";

export const shortPace = { lockMs: 1_000, stalledMs: 300 };

export interface PostgresWorld extends JobsWorld {
  readonly server: DedicatedServer;
  readonly admin: Pool;
}

/** A server of its own, as it is stopped and started on the way. */
export async function postgresWorld(): Promise<PostgresWorld> {
  const server = await dedicatedServer();
  const connection = fixedSource(server.url());
  await migratePostgresJobs({ connection, log: silentLog });
  const admin = await createPool({
    address: connection,
    log: silentLog,
    applicationName: "admin",
    max: 1,
  });
  const children: StuckServer[] = [];
  return {
    server,
    admin,
    open: () =>
      openPostgresDispatcher({ connection, log: silentLog, clock: systemClock, pace: shortPace }),
    openSteady: () => openPostgresDispatcher({ connection, log: silentLog, clock: systemClock }),
    lose: async () => {
      const tables = await tablesOf(admin);
      // The schema's version and the functions stay, as they do when a table is emptied.
      const contents = tables.filter((table) => table !== "migration");
      const names = contents.map((table) => `${jobsSchema}.${table}`);
      await admin.query(`truncate ${names.join(", ")}`);
    },
    goDown: () => server.kill(),
    comeBack: () => server.restart(),
    spawnStuck: async (lane) => {
      const argument = { url: server.url(), lane, pace: shortPace };
      const file = new URL("stuck-server.fixture.ts", import.meta.url);
      const child = await spawnStuckServer(file, argument);
      children.push(child);
      return child;
    },
    stored: () => storedText(admin),
    connections: () => otherConnections(admin),
    end: async () => {
      for (const child of children) await child.kill();
      await admin.end();
      await server.dispose();
    },
  };
}

async function tablesOf(admin: Pool): Promise<string[]> {
  const found = await admin.query<{ tablename: string }>(
    "select tablename from pg_tables where schemaname = $1",
    [jobsSchema],
  );
  return found.rows.map((row) => row.tablename);
}

async function storedText(admin: Pool): Promise<string> {
  const texts: string[] = [];
  for (const table of await tablesOf(admin)) {
    const rows = await admin.query(`select t::text as row from ${jobsSchema}.${table} t`);
    texts.push(...rows.rows.map((row: { row: string }) => `${table} ${row.row}`));
  }
  return texts.join("\n");
}

async function otherConnections(admin: Pool): Promise<number> {
  const counted = await admin.query<{ count: number }>(
    `select count(*) from pg_stat_activity
     where datname = current_database() and backend_type = 'client backend'
       and pid <> pg_backend_pid()`,
  );
  return counted.rows[0]?.count ?? -1;
}
