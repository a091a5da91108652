import type { Admitted, Ledger, ReceivedSignal } from "@rekey/domain";
import type { FreshDatabase } from "@rekey/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { asked, fingerprintOf, leakOf, received, requestOf } from "../suite/signals.suite.ts";
import { must, withVersion } from "../suite/turns.suite.ts";
import { prepare, type LedgerWorld } from "../suite/world.suite.ts";
import { ask, elapseIn, freshLedger, openOn } from "./database.suite.ts";
import { lockScopesText, matchLeaksText } from "./leak-texts.ts";
import { matchParameters } from "./matching.ts";
import { roundTripsOf } from "./round-trips.fixture.ts";

let database: FreshDatabase;
let ledger: Ledger;

beforeEach(async () => {
  database = await freshLedger();
  ledger = await openOn(database);
  const world: LedgerWorld = { ledger, elapse: (passed) => elapseIn(database, passed) };
  await prepare(world);
  for (const name of ["payments-db", "orders-db"]) await withVersion(world, name);
});
afterEach(async () => {
  await ledger.close();
  await database.drop();
});

const admitted = async (...signals: readonly ReceivedSignal[]) => {
  let answers: readonly Admitted[] = [];
  const trips = await roundTripsOf(async () => {
    answers = await ledger.admit(requestOf(...signals));
  });
  return { trips, answers };
};

test("a leak is taken in, with its turn's beginning, in two round trips", async () => {
  const first = await admitted(received({ locators: [fingerprintOf("payments-db#1")] }));
  expect(first.answers[0]?.claim?.rotation.open?.key).toBe("contain#1");
  expect(first.trips).toBe(2);
});

test("a leak that joins an open case, one that is not known and several at once take as many", async () => {
  await ledger.admit(requestOf(leakOf("payments-db#1")));
  const joined = await admitted(leakOf("payments-db#1"));
  expect(joined.answers.map(({ outcome }) => outcome)).toEqual(["joined"]);
  const unknown = await admitted(leakOf("nobodys-db#1"));
  expect(unknown.answers.map(({ outcome }) => outcome)).toEqual(["refused"]);
  const unnamed = await admitted(leakOf("orders-db"), leakOf("payments-db"));
  expect(unnamed.answers.map(({ outcome }) => outcome)).toEqual(["opened", "joined"]);
  expect([joined.trips, unknown.trips, unnamed.trips]).toEqual([2, 2, 2]);
});

test("the count sees a statement that waits for an answer", async () => {
  const { trips } = await admitted(asked("orders-db"));
  expect(trips).toBeGreaterThan(2);
});

test("nothing is written of a leak whose BEGIN failed", async () => {
  const parameters = [...matchParameters([leakOf("payments-db#1")]), []];
  const [found] = await ask<{ abouts: readonly string[] }>(database, matchLeaksText, parameters);
  expect(found?.abouts).toContain("payments-db");
  await ask(database, lockScopesText);
  expect(await ask(database, "select from rekey.breaker_windows")).toHaveLength(0);
});

test("a write that is refused with its COMMIT behind it leaves nothing, and the connection is good", async () => {
  await ask(
    database,
    "alter table rekey.audit_events add constraint planted check (type <> 'rotation.planned')",
  );
  const leak = leakOf("payments-db#1");
  const [answer] = await ledger.admit(requestOf(leak));
  expect(answer).toMatchObject({ outcome: "quarantined" });
  expect(await ask(database, "select from rekey.rotations where state <> 'completed'")).toEqual([]);
  await ask(database, "alter table rekey.audit_events drop constraint planted");
  expect(must((await ledger.admit(requestOf(leakOf("payments-db#1"))))[0]).urgent).toBeDefined();
});

test("a beginning that cannot be read does not take the answer from a leak that was committed", async () => {
  await ask(
    database,
    `alter table rekey.credentials alter issuer_instance drop expression;
     update rekey.credentials set issuer = 'null' where id = 'pg-main-control'`,
  );
  const [answer] = await ledger.admit(requestOf(leakOf("payments-db#1")));
  expect(answer).toMatchObject({ outcome: "opened" });
  expect([answer?.urgent, answer?.claim]).toEqual([expect.anything(), undefined]);
});
