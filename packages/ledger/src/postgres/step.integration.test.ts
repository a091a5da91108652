import type { Ledger, RotationClaim, RotationCommit } from "@rekey/domain";
import { eventually, type FreshDatabase } from "@rekey/testkit";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { everyField } from "../suite/records.suite.ts";
import {
  auditOf,
  claimed,
  commitOf,
  must,
  openRotation,
  withVersion,
} from "../suite/turns.suite.ts";
import {
  inventory,
  paymentsDb,
  person,
  policy,
  prepare,
  type LedgerWorld,
} from "../suite/world.suite.ts";
import { ask, freshLedger, openOn, waitingText } from "./database.suite.ts";

let database: FreshDatabase;
let ledger: Ledger;
let claim: RotationClaim;

beforeEach(async () => {
  database = await freshLedger();
  ledger = await openOn(database);
  const world: LedgerWorld = { ledger, elapse: async () => {} };
  await prepare(world);
  await withVersion(world, "payments-db");
  claim = await claimed(ledger, await openRotation(world, "payments-db"));
});
afterEach(async () => {
  await ledger.close();
  await database.drop();
});

const wholeStep = (): RotationCommit => {
  const { version, effect, owed } = everyField(claim);
  const obligations = [{ ...owed, version: 2 }];
  const { rotation } = claim;
  const audit = [auditOf({ credential: paymentsDb }), auditOf({ credential: paymentsDb })];
  const versions = [{ ...version, number: 2 }];
  return {
    ...commitOf({ rotation }, { versions, audit }),
    effects: [effect],
    obligations,
    release: false,
  };
};

interface Counted {
  /** Statements sent. */
  statements: number;
  /** Statements sent while no answer was awaited: each waits for the network once. */
  roundTrips: number;
}

// What pg's client calls of every query: when it leaves, and when the server is ready for the next.
interface Wire {
  submit: (...given: unknown[]) => unknown;
  handleReadyForQuery: (...given: unknown[]) => unknown;
}

/** What a piece of work asks of PostgreSQL, counted at the driver. */
const counted = async (work: () => Promise<unknown>): Promise<Counted> => {
  const wire = pg.Query.prototype as unknown as Wire;
  const { submit, handleReadyForQuery } = wire;
  const counts: Counted = { statements: 0, roundTrips: 0 };
  let awaited = 0;
  wire.submit = function (...given) {
    counts.statements += 1;
    counts.roundTrips += awaited === 0 ? 1 : 0;
    awaited += 1;
    return submit.apply(this, given);
  };
  wire.handleReadyForQuery = function (...given) {
    awaited -= 1;
    return handleReadyForQuery.apply(this, given);
  };
  try {
    await work();
  } finally {
    Object.assign(wire, { submit, handleReadyForQuery });
  }
  return counts;
};

const once: Counted = { statements: 1, roundTrips: 1 };

test("a planned step is one statement, one round trip and one commit", async () => {
  const commits = await commitsFromHere();
  expect(await counted(() => ledger.recordRotation(claim.hold, wholeStep()))).toEqual(once);
  expect(await commits()).toBe(1);
});

test("two steps are two commits: the count can tell", async () => {
  const commits = await commitsFromHere();
  await ledger.recordRotation(claim.hold, wholeStep());
  await ledger.recordRotation(claim.hold, labelMove());
  expect(await commits()).toBe(2);
});

test("no index of a rotation changes from step to step: PostgreSQL keeps its entries", async () => {
  const { rotation } = claim;
  const steps = ["stage#2", "mint#2", "verify#2"];
  const wakes = new Set<number>();
  for (const key of steps) {
    const commit = { ...commitOf({ rotation: { ...rotation, done: [key] } }), release: false };
    must(await ledger.recordRotation(claim.hold, commit));
    const text = "select wake_at as wake from rekey.rotations where id = $1";
    wakes.add(must((await ask<{ wake: Date }>(database, text, [rotation.id]))[0]).wake.getTime());
  }
  expect(wakes.size).toBe(1);
});

test("so is the end of a rotation, whose case is woken", async () => {
  const rotation = { ...claim.rotation, state: { at: "completed" } as const, endedAt: claim.now };
  const ended = commitOf({ rotation });
  expect(await counted(() => ledger.recordRotation(claim.hold, ended))).toEqual(once);
  const [open] = await ledger.cases({ limit: 10, open: true });
  const woken = must(await ledger.claimCase({ id: must(open).id, worker: "w" }));
  const state = { input: { type: "woken", reason: `rotation ${rotation.id} is completed` } };
  expect(woken.inputs).toContainEqual(expect.objectContaining(state));
});

/** The label goes to a second version, promoted now. */
const labelMove = (): RotationCommit => {
  const current = must(claim.versions[0]);
  const versions = [
    { ...current, label: "previous" as const },
    { ...current, number: 2, principal: "two", fingerprints: [], promotedAt: claim.now },
  ];
  return commitOf(claim, { versions, release: false });
};

test("so is the move of the label, which looks at the policy behind its lock", async () => {
  const commits = await commitsFromHere();
  expect(await counted(() => ledger.recordRotation(claim.hold, labelMove()))).toEqual(once);
  expect(await commits()).toBe(1);
  const { versions } = must(await ledger.credential(paymentsDb));
  const labels = versions.map(({ number, label }) => [number, label]);
  expect(labels).toEqual([
    [1, "previous"],
    [2, "current"],
  ]);
});

test("a label that would leave two versions current is refused, and nothing is written", async () => {
  const [, next] = labelMove().versions;
  const twice = commitOf(claim, { versions: [must(next)], release: false });
  await expect(ledger.recordRotation(claim.hold, twice)).rejects.toThrow(/two versions/);
  expect(must(await ledger.credential(paymentsDb)).versions).toEqual(claim.versions);
});

test("a label that is taken and given to none leaves no schedule", async () => {
  const weekly = `update rekey.policies set rotate_after_ms = ${weekMs}`;
  await ask(database, weekly);
  await ledger.recordRotation(claim.hold, labelMove());
  expect(await scheduled()).toBe(claim.now + weekMs);
  const [, next] = labelMove().versions;
  const versions = [{ ...must(next), label: "previous" as const }];
  await ledger.recordRotation(claim.hold, commitOf(claim, { versions, release: false }));
  expect(await scheduled()).toBeUndefined();
});

test("what is no step is counted: the count can be missed", async () => {
  const parked = commitOf(claim, { audit: [auditOf()] });
  const { statements, roundTrips } = await counted(() => ledger.recordRotation(claim.hold, parked));
  expect(statements).toBeGreaterThan(1);
  expect(roundTrips).toBeGreaterThan(1);
});

/** Transactions whose rows stand in the ledger's tables; the server's own count has those of other tests too. */
const writers = async (): Promise<ReadonlySet<string>> => {
  const rows = await ask<{ text: string }>(
    database,
    "select format('select xmin::text as xid from rekey.%I', tablename) as text from pg_tables where schemaname = 'rekey'",
  );
  const text = rows.map((row) => row.text).join(" union ");
  return new Set((await ask<{ xid: string }>(database, text)).map(({ xid }) => xid));
};

/** Counts the transactions that wrote since. */
const commitsFromHere = async (): Promise<() => Promise<number>> => {
  const before = await writers();
  return async () => [...(await writers())].filter((xid) => !before.has(xid)).length;
};

interface Behind<Answer> {
  readonly answer: Answer;
  readonly endedAt: number;
}

/** Does something while another transaction has the credential's row, and answers what became of it. */
const behind = async <Answer>(
  text: string,
  work: () => Promise<Answer>,
): Promise<Behind<Answer>> => {
  const other = new pg.Client({ connectionString: database.url });
  await other.connect();
  try {
    await other.query("begin");
    await other.query(text, [claim.hold.row]);
    const answer = work();
    await eventually(async () => {
      expect(await ask(database, waitingText)).toHaveLength(1);
    });
    const { rows } = await other.query<{ now: Date }>("select clock_timestamp() as now");
    await other.query("commit");
    return { answer: await answer, endedAt: must(rows[0]).now.getTime() };
  } finally {
    await other.end();
  }
};

const stepBehind = async (text: string): Promise<Behind<unknown>> =>
  await behind(text, () => ledger.recordRotation(claim.hold, wholeStep()));

test("a fence that moves on while a step waits for its lock is seen: nothing is written", async () => {
  const { answer } = await stepBehind(
    "update rekey.credentials set fence = fence + 1 where id = $1",
  );
  expect(answer).toBeUndefined();
  const read = must(await ledger.rotation(claim.rotation.id));
  expect(read.effects).toEqual([]);
  const view = must(await ledger.credential(paymentsDb));
  expect(view.versions).toEqual(claim.versions);
});

test("a hold that is renewed while a step waits is still its own; its time is read behind the lock", async () => {
  const renewed = "update rekey.credentials set hold_until = now() + interval '90 s' where id = $1";
  const { answer, endedAt } = await stepBehind(renewed);
  const { now } = answer as { readonly now: number };
  expect(now).toBeGreaterThanOrEqual(endedAt);
  const [row] = await ask<{ until: Date }>(
    database,
    "select hold_until as until from rekey.credentials where id = $1",
    [claim.hold.row],
  );
  expect(must(row).until.getTime()).toBeLessThan(endedAt + 90_000);
  const events = await ledger.auditEvents({ limit: 100, credential: paymentsDb });
  expect(events.filter(({ at }) => at === now)).toHaveLength(2);
});

const scheduled = async (): Promise<number | undefined> => {
  const text = "select rotate_due_at as due from rekey.credentials where id = $1";
  return must((await ask<{ due: Date | null }>(database, text, [paymentsDb]))[0]).due?.getTime();
};

const weekMs = 604_800_000;
const weekly = `jsonb_populate_record(p, '{"name": "weekly", "rotate_after_ms": ${weekMs}}')`;

test("a label that moves while its credential comes under a new policy is due by that one", async () => {
  const text = `with added as (
      insert into rekey.policies select (${weekly}).* from rekey.policies p returning name)
    update rekey.credentials set policy = added.name from added where id = $1`;
  await behind(text, () => ledger.recordRotation(claim.hold, labelMove()));
  expect(await scheduled()).toBe(claim.now + weekMs);
});

test("and by an interval that was changed alone", async () => {
  const text = `with changed as (update rekey.policies set rotate_after_ms = ${weekMs})
    update rekey.credentials set fence = fence where id = $1`;
  await behind(text, () => ledger.recordRotation(claim.hold, labelMove()));
  expect(await scheduled()).toBe(claim.now + weekMs);
});

test("an interval that is changed while a label moves counts from the version that got it", async () => {
  const later = claim.now + 60_000;
  const text = `with held as (select id from rekey.credentials where id = $1 for no key update)
    update rekey.versions set promoted_at = to_timestamp(${later / 1000})
      from held where credential = held.id and label = 'current'`;
  const policies = [{ ...policy, rotateAfterMs: weekMs }];
  const request = { inventory: inventory({ policies }), actor: person, reason: "weekly" };
  await behind(text, () => ledger.applyInventory(request));
  expect(await scheduled()).toBe(later + weekMs);
});
