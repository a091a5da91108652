import pg from "pg";
import { expect, test } from "vitest";
import { ask, freshLedger } from "./database.suite.ts";
import { grantedRole } from "./granted-role.suite.ts";

const denied = { code: "42501" };

test("the services' role changes no audit event or its place, no table and no list of migrations", async () => {
  const database = await freshLedger();
  const role = await grantedRole(database);
  const client = new pg.Client({ connectionString: role.url });
  await client.connect();
  try {
    for (const text of [
      "update rekey.audit_events set id = id",
      "delete from rekey.audit_events",
      "truncate rekey.audit_events",
      "update rekey.audit_leaves set position = position + 1",
      "delete from rekey.audit_leaves",
      "truncate rekey.audit_leaves",
      "alter table rekey.cases add column stray text",
      "drop table rekey.cases",
      "create table rekey.stray (id int)",
      "delete from rekey.migrations",
    ])
      await expect(client.query(text), text).rejects.toMatchObject(denied);
    await client.query("select count(*) from rekey.audit_events");
    await client.query("update rekey.cases set id = id");
  } finally {
    await client.end();
  }
  await role.drop();
  await expect(ask(database, "delete from rekey.audit_events")).resolves.toEqual([]);
  await database.drop();
});
