import { readFile } from "node:fs/promises";
import { fixedSource, silentLog } from "@rekey/runtime";
import { freshDatabase } from "@rekey/testkit";
import { expect, test } from "vitest";
import { ask, freshLedger } from "./database.suite.ts";
import { migrateLedger } from "./migrate.ts";
import { schemaOf } from "./schema.suite.ts";

const golden = new URL("../../schema.sql", import.meta.url);

test("the migrations come to the schema that is written down", async () => {
  const database = await freshLedger();
  await expect(await schemaOf(database)).toMatchFileSnapshot(golden.pathname);
  await database.drop();
});

test("a column that the schema does not name is seen", async () => {
  const database = await freshLedger();
  await ask(database, "alter table rekey.cases add column stray text");
  expect(await schemaOf(database)).not.toBe(await readFile(golden, "utf8"));
  await database.drop();
});

test("several processes may migrate at once, and again: each migration runs once", async () => {
  const database = await freshDatabase();
  const connection = fixedSource(database.url);
  const migrate = () => migrateLedger({ connection, log: silentLog });
  const runs = await Promise.all([migrate(), migrate(), migrate()]);
  const names = runs.flat();
  expect(names).toHaveLength(new Set(names).size);
  expect(names.length).toBeGreaterThan(0);
  expect(await migrate()).toEqual([]);
  await database.drop();
});
