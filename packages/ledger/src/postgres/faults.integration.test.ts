import { adminUrl, startTcpProxy, type FreshDatabase } from "@rekey/testkit";
import { fixedSource } from "@rekey/runtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Ledger } from "@rekey/domain";
import { asked, leakOf, requestOf } from "../suite/signals.suite.ts";
import { claimed, commitOf, must, openRotation, withVersion } from "../suite/turns.suite.ts";
import { credential, prepare, type LedgerWorld } from "../suite/world.suite.ts";
import { ask, elapseIn, freshLedger, openOn } from "./database.suite.ts";

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

test("one signal that PostgreSQL cannot hold is quarantined alone, the others are admitted", async () => {
  await prepare(world);
  await withVersion(world, "payments-db");
  const good = Array.from({ length: 6 }, () => asked("orders-db"));
  const bad = asked("orders-db", { reason: "a\u0000b" });
  const answers = await ledger.admit(requestOf(...good.slice(0, 3), bad, ...good.slice(3)));
  expect(answers.map(({ outcome }) => outcome)).toEqual([
    "opened",
    "joined",
    "joined",
    "quarantined",
    "joined",
    "joined",
    "joined",
  ]);
  const again = await ledger.admit(requestOf(bad));
  expect(again).toEqual([answers[3]]);
  const [row] = await ledger.signals({ limit: 5, outcomes: ["quarantined"] });
  expect(row).toMatchObject({ id: bad.id, source: "scanner" });
});

test("batches that name the same credentials in opposite orders never wait for each other in a ring", async () => {
  const names = ["a-db", "b-db", "c-db", "d-db"];
  await prepare(world, { credentials: names.map((name) => credential(name)) });
  for (const name of names) await withVersion(world, name);
  const leaks = (order: readonly string[]) => order.map((name) => leakOf(`${name}#1`));
  const rounds = Array.from({ length: 12 }, (_, round) =>
    round % 2 === 0 ? names : [...names].reverse(),
  );
  const answers = await Promise.all(
    rounds.map((order) => ledger.admit(requestOf(...leaks(order)))),
  );
  expect(new Set(answers.flat().map((answer) => answer.case)).size).toBe(4);
  const [stats] = await ask<{ deadlocks: number }>(
    database,
    "select deadlocks::int from pg_stat_database where datname = current_database()",
  );
  expect(stats?.deadlocks).toBe(0);
});

test("a ledger that does not answer is a fault that is tried again", async () => {
  const { hostname, port } = new URL(adminUrl());
  const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
  const far = await openOn(database, {
    connection: fixedSource(proxy.through(database.url)),
    limits: { connectMs: 3_000, queryMs: 3_000 },
  });
  await far.check();
  proxy.set({ kind: "refuse" });
  proxy.reset();
  await expect(far.check()).rejects.toMatchObject({ code: "LEDGER_UNREACHABLE", action: "retry" });
  proxy.set({ kind: "none" });
  expect((await far.check()).now).toBeGreaterThan(0);
  proxy.set({ kind: "black-hole" });
  await expect(far.switches()).rejects.toMatchObject({ code: "LEDGER_UNREACHABLE" });
  await far.close();
  await proxy.close();
});

test("a connection lost while it commits leaves the outcome unknown, and the commit is whole or absent", async () => {
  await prepare(world);
  const { hostname, port } = new URL(adminUrl());
  const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
  const far = await openOn(database, {
    connection: fixedSource(proxy.through(database.url)),
    max: 1,
  });
  const id = await openRotation(world, "payments-db");
  const outcomes: string[] = [];
  const recordWithCut = async (afterBytes: number): Promise<string> => {
    const claim = await claimed(ledger, id);
    await far.check();
    proxy.set({ kind: "cut", afterBytes, to: "client" });
    const rotation = { ...claim.rotation, failures: claim.rotation.failures + 1 };
    const recorded = far.recordRotation(claim.hold, commitOf({ rotation }));
    const outcome = await recorded.then(() => "recorded", unknownOutcomeOf);
    proxy.set({ kind: "none" });
    const { failures } = must(await ledger.rotation(id)).rotation;
    if (outcome === "recorded") expect(failures).toBe(rotation.failures);
    if (outcome === "nothing done") expect(failures).toBe(claim.rotation.failures);
    await ledger.endForeignHolds({ worker: "nobody" });
    outcomes.push(outcome);
    return outcome;
  };
  // Where the last answer ends, which is the commit's: before it the connection is cut in the middle of work.
  let [cut, whole] = [0, 65_536];
  while (whole - cut > 1) {
    const middle = Math.floor((cut + whole) / 2);
    if ((await recordWithCut(middle)) === "recorded") whole = middle;
    else cut = middle;
  }
  for (let bytes = Math.max(0, cut - 400); bytes < whole + 20; bytes += 10)
    await recordWithCut(bytes);
  expect(new Set(outcomes)).toEqual(new Set(["recorded", "nothing done", "unknown"]));
  await far.close();
  await proxy.close();
});

const unknownOutcomeOf = (error: {
  readonly code?: string;
  readonly unknownOutcome?: boolean;
}): string => {
  expect(error.code).toBe("LEDGER_UNREACHABLE");
  return error.unknownOutcome === true ? "unknown" : "nothing done";
};
