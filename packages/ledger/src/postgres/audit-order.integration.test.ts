import { auditEventId, type Ledger } from "@rekey/domain";
import { fixedSource, newId, silentLog } from "@rekey/runtime";
import { createRandom, type FreshDatabase } from "@rekey/testkit";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { positionsOf, readOn } from "../suite/audit-order.suite.ts";
import { must } from "../suite/turns.suite.ts";
import { person } from "../suite/world.suite.ts";
import { ask, freshLedger, openOn } from "./database.suite.ts";
import { migrateLedger } from "./migrate.ts";

let database: FreshDatabase;
let ledger: Ledger;

beforeEach(async () => {
  database = await freshLedger();
  ledger = await openOn(database);
});
afterEach(async () => {
  await ledger.close();
  await database.drop();
});

/** As every build writes it: nothing of its place. $1 ids, $2 how long ago. */
const writeText = `
  insert into rekey.audit_events (id, at, type, digest, canonical)
    select id, now() - $2::interval, 'mode.set', repeat('0', 64), convert_to('{"id":"' || id || '"}', 'utf8')
      from unnest($1::uuid[]) id`;

/** A transaction of another process, open until it is ended. */
const begin = async () => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query("begin");
  return {
    write: async (id: string, age = "0 seconds") => {
      await client.query(writeText, [[id], age]);
    },
    end: async (how: "commit" | "rollback") => {
      await client.query(how);
      await client.end();
    },
  };
};

const ids = async (after?: number): Promise<readonly string[]> =>
  (await readOn(ledger, after === undefined ? {} : { after })).map(({ id }) => id);

test("an event that committed later with an earlier time is behind the ones that were read", async () => {
  const [early, late, other] = [newId(), newId(), newId()];
  const [slow, quick] = [await begin(), await begin()];
  await slow.write(early, "1 minute");
  await quick.write(late);
  await quick.end("commit");
  const first = await readOn(ledger);
  expect(first.map(({ id }) => id)).toEqual([late]);
  // The transaction that is open for long holds up nobody.
  await ask(database, writeText, [[other], "2 minutes"]);
  expect(await ids(must(first.at(-1)).position)).toEqual([other]);
  await slow.end("commit");
  expect(await ids(must(first.at(-1)).position)).toEqual([other, early]);
});

test("what was rolled back leaves no gap", async () => {
  const [kept, dropped] = [newId(), newId()];
  const aborted = await begin();
  await aborted.write(dropped);
  await ask(database, writeText, [[kept], "0 seconds"]);
  expect(await ids()).toEqual([kept]);
  await aborted.end("rollback");
  await ask(database, writeText, [[newId()], "0 seconds"]);
  expect(positionsOf(await readOn(ledger))).toEqual([0, 1]);
  expect(await ledger.auditPosition(auditEventId(dropped))).toBeUndefined();
});

test("whoever begins, writes, ends and reads in whatever order: each event once, in one order", async () => {
  for (let seed = 0; seed < 12; seed += 1) {
    const random = createRandom(seed);
    const open: Awaited<ReturnType<typeof begin>>[] = [];
    const before = (await readOn(ledger)).at(-1)?.position;
    const followed: string[] = [];
    let last = before;
    for (let turn = 0; turn < 40; turn += 1) {
      const drawn = random.pick(["begin", "write", "write", "end", "read"] as const);
      const some = open.length === 0 ? undefined : random.pick(open);
      if (drawn === "begin" && open.length < 5) open.push(await begin());
      if (drawn === "write")
        await some?.write(newId(), `${Math.floor(random.next() * 600)} seconds`);
      if (drawn === "end" && some !== undefined) {
        open.splice(open.indexOf(some), 1);
        await some.end(random.next() < 0.8 ? "commit" : "rollback");
      }
      if (drawn !== "read" && turn < 39) continue;
      for (const rest of turn < 39 ? [] : open) await rest.end("commit");
      const read = await readOn(ledger, last === undefined ? {} : { after: last });
      followed.push(...read.map(({ id }) => id));
      last = read.at(-1)?.position ?? last;
    }
    const after = await readOn(ledger, before === undefined ? {} : { after: before });
    expect(followed, `seed ${seed}`).toEqual(after.map(({ id }) => id));
  }
  const all = await readOn(ledger);
  expect(positionsOf(all)).toEqual(all.map((_, index) => index));
  const kept = await ask<{ id: string }>(database, "select id from rekey.audit_events");
  expect(new Set(all.map(({ id }) => id))).toEqual(new Set(kept.map(({ id }) => id)));
  expect(all).toHaveLength(kept.length);
});

const positions = async (): Promise<{ count: number; last: number; events: number }> => {
  const text = `select count(*)::int as count, max(position)::int as last,
    (select count(*)::int from rekey.audit_events) as events from rekey.audit_leaves`;
  return must((await ask<{ count: number; last: number; events: number }>(database, text))[0]);
};

test("many that wait are numbered in bounded pieces; until then a reader has the first ones", async () => {
  const many = Array.from({ length: 23_000 }, newId);
  await ask(database, writeText, [many, "0 seconds"]);
  expect(await ledger.numberAuditEvents()).toBe(20_000);
  expect(await positions()).toMatchObject({ count: 20_000, last: 19_999 });
  // Written between two pieces, in another transaction.
  await ask(database, writeText, [[newId()], "0 seconds"]);
  expect(await ledger.numberAuditEvents()).toBe(3_001);
  expect(await positions()).toEqual({ count: 23_001, last: 23_000, events: 23_001 });
  expect(await ledger.numberAuditEvents()).toBe(0);
});

test("where nothing waits nothing is written", async () => {
  await ask(database, writeText, [[newId()], "0 seconds"]);
  await ledger.numberAuditEvents();
  const head = async () => await ask(database, "select xmin, seen from rekey.audit_head");
  const before = await head();
  // A transaction of somebody else moves every snapshot on.
  await ask(database, "select pg_current_xact_id()");
  await ledger.numberAuditEvents();
  expect(await ledger.auditEvents({ limit: 5 })).toHaveLength(1);
  expect(await head()).toEqual(before);
});

test("a dump that comes to another cluster goes on: every event once, whatever its transaction was called there", async () => {
  const before = [newId(), newId()];
  await ask(database, writeText, [before, "1 hour"]);
  expect(await ids()).toEqual(before);
  const [lost, old] = [newId(), newId()];
  await ask(database, writeText, [[lost, old], "30 minutes"]);
  // There ids were far ahead; one of its transactions has the number of one that this cluster had long ago.
  await ask(database, "update rekey.audit_events set xact = '9000000000' where id <> $1", [old]);
  await ask(database, "update rekey.audit_events set xact = '3' where id = $1", [old]);
  await ask(database, "update rekey.audit_head set system = '1', seen = '9000000000:9000000000:'");
  const [fresh, open] = [newId(), newId()];
  await ask(database, writeText, [[fresh], "0 seconds"]);
  const slow = await begin();
  await slow.write(open);
  expect(new Set(await ids())).toEqual(new Set([...before, lost, old, fresh]));
  expect((await ids()).slice(0, 2)).toEqual(before);
  await slow.end("commit");
  expect(await ids(4)).toEqual([open]);
  expect(await ledger.numberAuditEvents()).toBe(0);
  expect(await positions()).toEqual({ count: 6, last: 5, events: 6 });
});

test("who cannot number, as another one does so for long, reads what is numbered", async () => {
  await ask(database, writeText, [[newId()], "0 seconds"]);
  const [numbered] = await ids();
  await ask(database, writeText, [[newId()], "0 seconds"]);
  const other = new pg.Client({ connectionString: database.url });
  await other.connect();
  await other.query("begin");
  await other.query("select from rekey.audit_head for update");
  const hasty = await openOn(database, { limits: { lockMs: 50 } });
  expect((await hasty.auditEvents({ limit: 9 })).map(({ id }) => id)).toEqual([numbered]);
  expect(await hasty.numberAuditEvents()).toBe(0);
  await other.query("rollback");
  await other.end();
  expect(await hasty.auditEvents({ limit: 9 })).toHaveLength(2);
  await hasty.close();
});

test("a ledger whose cluster counts its transactions anew under the same name is another one too", async () => {
  const before = [newId(), newId()].toSorted();
  await ask(database, writeText, [before, "1 hour"]);
  expect(await ids()).toEqual(before);
  await ask(database, "update rekey.audit_head set seen = '9000000000:9000000000:'");
  const fresh = newId();
  await ask(database, writeText, [[fresh], "0 seconds"]);
  expect(await ids()).toEqual([...before, fresh]);
});

const backText = `
  drop table rekey.audit_leaves, rekey.audit_head;
  alter table rekey.audit_events drop column xact;
  create index audit_events_credential on rekey.audit_events (credential, at, id) where credential is not null;
  create index audit_events_case on rekey.audit_events (case_id, at, id) where case_id is not null;
  drop index rekey.acknowledgement_tokens_used;
  delete from rekey.migrations where name >= '0009_leaves'`;

test("what the build before recorded stands in the order in which it was read", async () => {
  const [one, two, three] = [newId(), newId(), newId()];
  await ask(database, backText);
  await ask(database, writeText, [[three], "1 minute"]);
  await ask(database, writeText, [[two, one].toSorted(), "1 hour"]);
  await migrateLedger({ connection: fixedSource(database.url), log: silentLog });
  const read = await readOn(ledger);
  expect(read.map(({ id }) => id)).toEqual([...[one, two].toSorted(), three]);
  expect(await ledger.numberAuditEvents()).toBe(0);
  const setting = { scope: "everything", name: "", mode: "act" } as const;
  await ledger.setMode({ setting, actor: person, reason: "go on" });
  expect(await readOn(ledger, { after: 2 })).toMatchObject([{ reason: "go on", position: 3 }]);
});

test("a long log is numbered behind the migrations, in pieces: who writes waits for none of it", async () => {
  await ask(database, backText);
  const many = Array.from({ length: 12_000 }, newId);
  await ask(database, writeText, [many, "1 hour"]);
  await migrateLedger({ connection: fixedSource(database.url), log: silentLog });
  const pieces = "select distinct xmin::text from rekey.audit_leaves";
  expect(await ask(database, pieces)).toHaveLength(3);
  const made = `select distinct xmin::text from pg_class
    where oid in ('rekey.audit_leaves'::regclass, 'rekey.audit_events_xact'::regclass)`;
  expect(await ask(database, made)).toHaveLength(2);
  expect(await ledger.numberAuditEvents()).toBe(0);
  expect(await positions()).toEqual({ count: 12_000, last: 11_999, events: 12_000 });
});

test("an index that a migration could not finish is built by the next one", async () => {
  await ask(database, "delete from rekey.migrations where name >= '0011_xact'");
  const index = "'rekey.audit_events_xact'::regclass";
  await ask(database, `update pg_index set indisvalid = false where indexrelid = ${index}`);
  await migrateLedger({ connection: fixedSource(database.url), log: silentLog });
  const valid = `select from pg_index where indexrelid = ${index} and indisvalid`;
  expect(await ask(database, valid)).toHaveLength(1);
});
