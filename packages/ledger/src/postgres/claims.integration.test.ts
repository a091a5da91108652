import type { CaseId, Ledger, RotationId } from "@rekey/domain";
import { eventually, type FreshDatabase } from "@rekey/testkit";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { claimed, must, openRotation } from "../suite/turns.suite.ts";
import { paymentsDb, prepare } from "../suite/world.suite.ts";
import { ask, freshLedger, openOn, waitingText } from "./database.suite.ts";
import { roundTripsOf } from "./round-trips.fixture.ts";

let database: FreshDatabase;
let ledger: Ledger;
let rotation: RotationId;

beforeEach(async () => {
  database = await freshLedger();
  ledger = await openOn(database);
  const world = { ledger, elapse: async () => {} };
  await prepare(world);
  rotation = await openRotation(world, "payments-db");
});
afterEach(async () => {
  await ledger.close();
  await database.drop();
});

const openCase = async (): Promise<CaseId> =>
  must((await ledger.cases({ limit: 10, open: true }))[0]).id;

test("a claim is two round trips: it leaves with BEGIN, what its turn needs is read with COMMIT", async () => {
  expect(await roundTripsOf(() => claimed(ledger, rotation))).toBe(2);
  await ask(database, "update rekey.cases set wake_at = now()");
  const id = await openCase();
  expect(await roundTripsOf(async () => must(await ledger.claimCase({ id, worker: "w" })))).toBe(2);
});

test("what attest reads of a held rotation is one", async () => {
  const { hold } = await claimed(ledger, rotation);
  expect(await roundTripsOf(() => ledger.openDebt(hold))).toBe(1);
});

const hold = async (): Promise<unknown> =>
  (
    await ask(
      database,
      "select fence, hold_open as open, hold_until > now() as held from rekey.credentials where id = $1",
      [paymentsDb],
    )
  )[0];

test("where the turn cannot be read, nothing is claimed", async () => {
  const before = await hold();
  await ask(database, "alter table rekey.obligations rename to elsewhere");
  await expect(claimed(ledger, rotation)).rejects.toThrow();
  expect(await hold()).toEqual(before);
  await ask(database, "alter table rekey.elsewhere rename to obligations");
  expect((await claimed(ledger, rotation)).rotation.claimsLost).toBe(0);
});

test("a rotation that is due later when its lock is got is not claimed, and its hold is given back", async () => {
  const other = new pg.Client({ connectionString: database.url });
  await other.connect();
  try {
    await other.query("begin");
    await other.query("select id from rekey.credentials where id = $1 for update", [paymentsDb]);
    const claiming = ledger.claimRotation({ id: rotation, worker: "w" });
    await eventually(async () => {
      expect(await ask(database, waitingText)).toHaveLength(1);
    });
    const later = "update rekey.rotations set due_at = now() + interval '1 hour', wake_at = null";
    await other.query(`${later} where id = $1`, [rotation]);
    await other.query("commit");
    expect(await claiming).toBeUndefined();
  } finally {
    await other.end();
  }
  expect(await hold()).toMatchObject({ open: false, held: false });
});
