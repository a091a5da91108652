import {
  consumerId,
  credentialId,
  identityId,
  minute,
  tickMsMax,
  type Consumer,
  type Policy,
} from "@rekey/domain";
import { afterEach, expect, test } from "vitest";
import { actsOf } from "./acts.fixture.ts";
import { memoryLedger } from "./ledgers.fixture.ts";
import { openWorld, type World } from "./world.fixture.ts";

let world: World;
afterEach(async () => await world.close());

const workload: Consumer = {
  id: consumerId("payments-api"),
  identity: identityId("payments"),
  environment: "production",
  service: "payments-api",
};

/** A planned rotation has given out the second version and waits, for its consumers or for the way back. */
const waiting = async (policy: Partial<Policy>, consumers: readonly string[]) => {
  world = await openWorld(memoryLedger);
  const acts = actsOf(world);
  await world.apply([{ id: "payments-db", consumers }], policy, [workload]);
  await acts.setMode("act");
  await acts.rotate("payments-db");
  const first = await world.read("payments-db");
  await acts.wish("payments-db");
  await world.until(async () => (await waitsFor(acts)) !== undefined);
  return { acts, first };
};

const waitsFor = async (acts: ReturnType<typeof actsOf>): Promise<string | undefined> => {
  const rotation = await acts.active("payments-db");
  return rotation?.waitsBegun !== undefined && rotation.state.at === "waiting"
    ? rotation.state.for
    : undefined;
};

/** The ledger's clock is put forward; no time has passed. Whatever is due then has been worked on. */
const stepForward = async (milliseconds: number): Promise<void> => {
  world.moveOn(milliseconds);
  let rounds = 0;
  await world.until(async () => await Promise.resolve((rounds += 1) > 20));
};

/** The scheduler's own clock goes on, as its beats tell it. */
const pass = async (milliseconds: number): Promise<void> => {
  const { ledger, worker: id, kinds, build, clock } = world.parts;
  const start = clock.monotonicMs();
  await ledger.beat({ id, kinds, build, monotonicMs: start });
  for (let passed = tickMsMax; passed <= milliseconds; passed += tickMsMax)
    await ledger.beat({ id, kinds, build, monotonicMs: start + passed });
};

const lifeOfFirst = async (): Promise<string | undefined> =>
  (await world.parts.ledger.credential(credentialId("payments-db")))?.versions.find(
    ({ number }) => number === 1,
  )?.life;

test("a step of the ledger's clock does not end grace: who has not moved keeps a version that works", async () => {
  const graceOver = { planned: "retire", incident: "retire" } as const;
  const policy = { graceMs: 10 * minute, graceOver };
  const { acts, first } = await waiting(policy, ["payments-api"]);
  await stepForward(10 * minute);
  expect(await waitsFor(acts)).toBe("consumers");
  expect(await world.login(first)).toBeUndefined();
  // Half of it has to pass on the scheduler's own clock too, where a slow machine's time counts as well.
  await pass(3 * minute);
  await stepForward(10 * minute);
  expect(await world.login(first)).toBeUndefined();
  await pass(3 * minute);
  world.moveOn(10 * minute);
  await world.until(acts.allClosed);
  expect(await world.login(first)).toBe("28P01");
});

test("a step of the ledger's clock does not end the way back", async () => {
  const { acts } = await waiting({ reversibleForMs: 10 * minute }, []);
  expect(await waitsFor(acts)).toBe("time");
  await stepForward(10 * minute);
  expect(await waitsFor(acts)).toBe("time");
  expect(await lifeOfFirst()).toBe("suspended");
  await pass(6 * minute);
  world.moveOn(10 * minute);
  await world.until(acts.allClosed);
  expect(await lifeOfFirst()).toBe("revoked");
});

test("a wait of up to a minute ends by the ledger's clock alone", async () => {
  const { ledger } = (world = await openWorld(memoryLedger)).parts;
  const acts = actsOf(world);
  await world.apply([{ id: "payments-db" }], { reversibleForMs: minute }, []);
  await acts.setMode("act");
  await acts.rotate("payments-db");
  await acts.wish("payments-db");
  await world.until(async () => (await acts.active("payments-db"))?.state.at === "waiting");
  world.moveOn(minute);
  await world.until(acts.allClosed);
  expect((await ledger.backlog()).debtOpen).toBe(0);
});
