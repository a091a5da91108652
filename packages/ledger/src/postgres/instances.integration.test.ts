import { day, type InstanceName } from "@rekey/domain";
import { fixedSource } from "@rekey/runtime";
import { expect, test } from "vitest";
import { instancesForgottenMax } from "../commands/consumers.ts";
import { ask, freshLedger, openOn } from "./database.suite.ts";
import { grantedRole } from "./granted-role.suite.ts";

const fillText = `
  insert into rekey.sightings
    select 'app', 'old-' || n, now() - interval '40 days' from generate_series(1, 2200) n
    union all select 'app', 'new-' || n, now() - interval '20 days' from generate_series(1, 10) n;
  insert into rekey.acknowledgements
    select 'app', 'c' || c, instance, 1, 1, last_seen_at, true
      from rekey.sightings, generate_series(1, 2) c where instance not like 'old-%0'`;

const passesMax = 100;

const left = `
  select (select count(*) from rekey.sightings)::int as seen, (select count(*) from rekey.acknowledgements)::int as said`;
const orphans = `
  select from rekey.acknowledgements a
    where not exists (select from rekey.sightings t where t.consumer = a.consumer and t.instance = a.instance)`;

test("schedulers beside each other forget idle instances and all that they said, a bounded number at a time, as the services' role", async () => {
  const database = await freshLedger();
  const role = await grantedRole(database);
  const ledger = await openOn(database, { connection: fixedSource(role.url) });
  await ask(database, fillText);
  const passes: number[] = [];
  const walk = async (): Promise<void> => {
    let after: InstanceName | undefined;
    do {
      const idle = { idleMs: 30 * day, ...(after && { after }) };
      const { forgotten, next } = await ledger.forgetInstances(idle);
      passes.push(forgotten);
      expect(await ask(database, orphans)).toEqual([]);
      if (forgotten === 0) after = next;
      if (forgotten === 0 && next === undefined) return;
    } while (passes.length < passesMax);
  };
  await Promise.all([walk(), walk()]);
  // What one left to the other, as it was at it.
  await walk();
  expect(passes.length).toBeLessThan(passesMax);
  expect(Math.max(...passes)).toBeLessThanOrEqual(2 * instancesForgottenMax);
  expect(passes.reduce((sum, count) => sum + count, 0)).toBe(2_200 + 2 * 1_980);
  expect(await ask(database, left)).toEqual([{ seen: 10, said: 20 }]);
  await ledger.close();
  await role.drop();
  await database.drop();
});

test("a heartbeat changes no column that an index has", async () => {
  const database = await freshLedger();
  const indexed = `
    select distinct a.attname::text as name from pg_index i join pg_attribute a on a.attrelid = i.indexrelid
      where i.indrelid = 'rekey.sightings'::regclass order by 1`;
  expect(await ask(database, indexed)).toEqual([{ name: "consumer" }, { name: "instance" }]);
  await database.drop();
});
