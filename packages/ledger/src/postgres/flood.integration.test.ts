import { breakerScope, signalId, type Ledger } from "@rekey/domain";
import { newId } from "@rekey/runtime";
import { eventually, type FreshDatabase } from "@rekey/testkit";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { leakOf, received, requestOf } from "../suite/signals.suite.ts";
import { must, withVersion } from "../suite/turns.suite.ts";
import { credential, issuer, prepare, type LedgerWorld } from "../suite/world.suite.ts";
import { ask, elapseIn, freshLedger, openOn, waitingText } from "./database.suite.ts";

let database: FreshDatabase;
let ledger: Ledger;
let world: LedgerWorld;

beforeEach(async () => {
  database = await freshLedger();
  ledger = await openOn(database, { max: 12 });
  world = { ledger, elapse: (milliseconds) => elapseIn(database, milliseconds) };
});
afterEach(async () => {
  await ledger.close();
  await database.drop();
});

const alerts = (name: string, count: number) =>
  Array.from({ length: count }, () => leakOf(`${name}#1`));

test("the same events in batches that run at once have one outcome each, and all batches are told it", async () => {
  const names = ["a-db", "b-db", "c-db", "d-db"];
  await prepare(world, { credentials: names.map((name) => credential(name)) });
  const events = Array.from({ length: 60 }, (_, index) =>
    leakOf(names[index % names.length] ?? "", { reason: `report ${index}` }),
  );
  // Delivered again, a signal has another id; the batches share no lock but that of their credentials.
  const again = () =>
    events.map(({ signal, canonicalDigest }) => received(signal, { canonicalDigest }));
  const batches = Array.from({ length: 8 }, (_, batch) =>
    batch % 2 === 0 ? again() : again().toReversed(),
  );
  const answers = await meeting(
    "outbox",
    batches.map((batch) => async () => await ledger.admit(requestOf(...batch))),
  );
  const told = new Map<string, Set<string>>();
  for (const [batch, signals] of batches.entries())
    for (const [index, { signal }] of signals.entries()) {
      const outcomes = told.get(signal.eventId) ?? new Set();
      told.set(signal.eventId, outcomes.add(JSON.stringify(answers[batch]?.[index])));
    }
  expect([...told.values()].map(({ size }) => size)).toEqual(events.map(() => 1));
  expect(await countOf("signals")).toBe(events.length);
});

test("the same event about other credentials at once: one is taken in, the others are quarantined", async () => {
  const names = ["a-db", "b-db", "c-db", "d-db", "e-db", "f-db"];
  await prepare(world, { credentials: names.map((name) => credential(name)) });
  const answers = await meeting(
    "outbox",
    names.map(
      (name) => async () => await ledger.admit(requestOf(leakOf(name, { eventId: "one" }))),
    ),
  );
  const [opened = [], others = []] = [true, false].map((isOpened) =>
    answers.flat().filter(({ outcome }) => (outcome === "opened") === isOpened),
  );
  expect(opened).toHaveLength(1);
  const again = "the same event id came before with other content";
  expect(others.map(({ outcome, reason }) => [outcome, reason])).toEqual(
    names.slice(1).map(() => ["quarantined", again]),
  );
});

test("a flood about an open case waits for no other batch of its breaker scope", async () => {
  await prepare(world);
  await withVersion(world, "payments-db");
  await ledger.admit(requestOf(...alerts("payments-db", 1)));
  const other = new pg.Client({ connectionString: database.url });
  await other.connect();
  try {
    await other.query("begin");
    const scope = breakerScope("production", issuer);
    const { rowCount } = await other.query(
      "select 1 from rekey.breaker_windows where scope = $1 for update",
      [scope],
    );
    expect(rowCount).toBe(1);
    const answers = await ledger.admit(requestOf(...alerts("payments-db", 100)));
    expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(new Set(["joined"]));
  } finally {
    await other.end();
  }
});

test("events that were all recorded before are answered as then, and wait for nobody", async () => {
  await prepare(world);
  const events = alerts("payments-db", 40);
  const first = await ledger.admit(requestOf(...events));
  const other = new pg.Client({ connectionString: database.url });
  await other.connect();
  try {
    await other.query("begin");
    const { rowCount } = await other.query("select 1 from rekey.credentials for update");
    expect(rowCount).toBeGreaterThan(0);
    const again = events.map((one) => ({ ...one, id: signalId(newId()) }));
    expect(await ledger.admit(requestOf(...again, ...again.toReversed()))).toEqual([
      ...first,
      ...first.toReversed(),
    ]);
  } finally {
    await other.end();
  }
});

test("an event with other content beside repeated ones is quarantined, and those are answered as before", async () => {
  await prepare(world);
  const events = alerts("payments-db", 20);
  const first = await ledger.admit(requestOf(...events));
  const { signal } = must(events[0]);
  const changed = received({ ...signal, reason: "other content" });
  const answers = await ledger.admit(requestOf(...events, changed));
  expect(answers.slice(0, -1)).toEqual(first);
  expect(answers.at(-1)).toMatchObject({ signal: changed.id, outcome: "quarantined" });
});

test("floods that open cases at once stay within the containment budget of their scope", async () => {
  const names = Array.from({ length: 34 }, (_, index) => `db-${index}`);
  await prepare(world, { credentials: names.map((name) => credential(name)) });
  for (const name of names) await withVersion(world, name);
  const unconfirmed = names.map((name) => leakOf(`${name}#1`, { confidence: "unknown" }));
  const batches = [unconfirmed.slice(0, 17), unconfirmed.slice(17)];
  const answers = await meeting(
    "outbox",
    batches.map((batch) => async () => await ledger.admit(requestOf(...batch))),
  );
  expect(answers.flat().filter(({ outcome }) => outcome === "opened")).toHaveLength(34);
  expect(answers.flat().filter(({ urgent }) => urgent !== undefined)).toHaveLength(10);
});

/** Work that no batch of it ends before all have looked: they wait for this table, or for each other. */
const meeting = async <Answer>(
  table: string,
  works: readonly (() => Promise<Answer>)[],
): Promise<readonly Answer[]> => {
  const other = new pg.Client({ connectionString: database.url });
  await other.connect();
  try {
    await other.query("begin");
    await other.query(`lock table rekey.${table} in share mode`);
    const answers = Promise.all(works.map(async (work) => await work()));
    answers.catch(() => undefined);
    await eventually(async () => {
      expect(await ask(database, waitingText)).toHaveLength(works.length);
    });
    await other.query("commit");
    return await answers;
  } finally {
    await other.end();
  }
};

const countOf = async (table: string): Promise<number> => {
  const [row] = await ask<{ count: string }>(database, `select count(*) from rekey.${table}`);
  return Number(row?.count);
};
