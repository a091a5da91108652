import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fixedSource, silentLog } from "@rekey/runtime";
import { freshDatabase, type FreshDatabase } from "@rekey/testkit";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withVersion } from "../suite/turns.suite.ts";
import { credential, prepare } from "../suite/world.suite.ts";
import { ask, elapseIn, freshLedger, openOn } from "./database.suite.ts";
import { directory, migrateLedger } from "./migrate.ts";

/** As a next build may: columns that may be absent or have a default, and a table of its own. */
const additions = `
do $$ declare one text; begin
  for one in select table_name from information_schema.tables where table_schema = 'rekey'
    and table_type = 'BASE TABLE' and table_name <> 'migrations' loop
    execute format('alter table rekey.%I add column newer text, add column newer_count int not null default 0', one);
  end loop;
end $$;
create table rekey.newer (id text primary key);
`;

let database: FreshDatabase;
let newerBuild: string;
beforeEach(async () => {
  newerBuild = await mkdtemp(join(tmpdir(), "rekey-migrations-"));
  await cp(directory, newerBuild, { recursive: true });
  await writeFile(join(newerBuild, "9999_newer.sql"), additions);
});
afterEach(async () => {
  await database.drop();
  await rm(newerBuild, { recursive: true });
});

const migrate = async (from = directory): Promise<readonly string[]> =>
  await migrateLedger({ connection: fixedSource(database.url), log: silentLog, from });

test("a database that nobody migrated, or an older build did, lacks by name what this build needs", async () => {
  database = await freshDatabase();
  const ledger = await openOn(database);
  const { missing } = await ledger.schema();
  expect(missing).toContain("0001_inventory");
  await expect(ledger.check()).rejects.toMatchObject({ code: "LEDGER_SCHEMA_OLD" });
  await ask(database, "create schema rekey");
  expect((await ledger.schema()).missing).toEqual(missing);
  await migrate();
  expect(await ledger.schema()).toEqual({ missing: [], newer: [] });
  await ask(database, "delete from rekey.migrations where name = $1", [missing.at(-1)]);
  expect((await ledger.schema()).missing).toEqual([missing.at(-1)]);
  await ledger.close();
});

test("a migration that waits too long for a lock fails, has changed nothing, lets writers go on, and can be run again", async () => {
  database = await freshLedger();
  const reader = new pg.Client({ connectionString: database.url });
  await reader.connect();
  // As pg_dump has it: whoever changes a table waits for it, and whoever writes then waits behind that.
  await reader.query("begin; lock table rekey.credentials in access share mode");
  const connection = fixedSource(database.url);
  const limited = migrateLedger({ connection, log: silentLog, from: newerBuild, lockMs: 200 });
  await expect(limited).rejects.toMatchObject({
    code: "LEDGER_UNREACHABLE",
    providerCode: "55P03",
    // What `rekey ledger migrate` tells apart.
    cause: { sqlState: "55P03" },
  });
  const ledger = await openOn(database);
  expect(await ledger.schema()).toEqual({ missing: [], newer: [] });
  await prepare({ ledger, elapse: async () => undefined });
  await reader.query("commit");
  await reader.end();
  expect(await migrate(newerBuild)).toEqual(["9999_newer"]);
  await ledger.close();
});

test("a newer build's migration while this one works costs it nothing, and it opens the ledger again", async () => {
  database = await freshLedger();
  const ledger = await openOn(database);
  const world = {
    ledger,
    elapse: async (milliseconds: number) => await elapseIn(database, milliseconds),
  };
  const credentials = ["payments-db", "orders-db", "stock-db"].map((id) => credential(id));
  await prepare(world, { credentials });
  await withVersion(world, "payments-db");
  expect(await migrate(newerBuild)).toEqual(["9999_newer"]);
  await withVersion(world, "orders-db");
  expect(await ledger.schema()).toEqual({ missing: [], newer: ["9999_newer"] });
  await ledger.close();
  // As a process of this build that is started again, `rekey ledger migrate` of this build first.
  expect(await migrate()).toEqual([]);
  const again = await openOn(database);
  await withVersion({ ...world, ledger: again }, "stock-db");
  await again.close();
});
