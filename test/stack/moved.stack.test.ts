import { topicNames } from "@rekey/contracts";
import { describeStack } from "@rekey/stack/vitest";
import { eventually } from "@rekey/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SignalView } from "./acts.fixture.ts";
import { paymentsDb } from "./inventory.fixture.ts";
import { produceStatement, say } from "./statements.fixture.ts";
import { expectDead } from "./stories.fixture.ts";
import { openWorld, type World } from "./world.fixture.ts";

const startMs = 400_000;
const within = { withinMs: 120_000, everyMs: 100 };
const hour = 3_600_000;

describeStack(["kafka", "redis", "vault"], "acknowledgements by Kafka", () => {
  let world: World;
  beforeAll(async () => {
    // The drain ends by what is said; on a slow machine a short grace would be over before.
    world = await openWorld({ credentials: [paymentsDb], rules: { grace: "30 m" } });
  }, startMs);
  afterAll(async () => {
    await world?.close();
  });

  test("what is signed by the workload's key ends a drain; forged and garbled records do not", async () => {
    await moved(world);
  });

  test("a record's age is the broker's to say, not its writer's", async () => {
    await dated(world);
  });
});

const instances = async ({ acts }: World) =>
  (await acts.show(paymentsDb)).consumers.flatMap((view) => view.instances);

const heard = async (world: World, instance: string, version: number): Promise<void> => {
  await eventually(async () => {
    const found = (await instances(world)).find((one) => one.instance === instance);
    expect(found).toMatchObject({ version, counted: true });
    return true;
  }, within);
};

const isDraining = async ({ acts }: World): Promise<boolean> => {
  const state = (await acts.show(paymentsDb)).active?.state;
  return state?.at === "waiting" && state.for === "consumers";
};

const rejectedOnes = async ({ acts }: World): Promise<readonly SignalView[]> =>
  (await acts.signals()).filter(({ source }) => source === "moved");

/** What was rejected beside these, once there is so much of it. */
const rejectedBeside = async (
  world: World,
  known: readonly SignalView[],
  count: number,
): Promise<readonly SignalView[]> => {
  const ids = new Set(known.map(({ id }) => id));
  return await eventually(async () => {
    const found = (await rejectedOnes(world)).filter(({ id }) => !ids.has(id));
    return found.length >= count && found;
  }, within);
};

const moved = async (world: World): Promise<void> => {
  const { acts, kafka } = world;
  await say(world, { instance: "pod-1", version: 1 });
  await heard(world, "pod-1", 1);
  const old = await acts.value(paymentsDb);
  await acts.wish(paymentsDb);
  await eventually(async () => await isDraining(world), within);
  const canary = `hunter2-${crypto.randomUUID()}`;
  await produceStatement(world, canary);
  await say(world, { instance: "pod-1", version: 2, forged: true });
  const rejected = await rejectedBeside(world, [], 2);
  expect(rejected.map(({ outcome }) => outcome).toSorted()).toEqual(["quarantined", "refused"]);
  expect(await isDraining(world)).toBe(true);
  await say(world, { instance: "pod-1", version: 2 });
  await acts.settled();
  const now = await acts.value(paymentsDb);
  expect(now.version).toBe(2);
  await expectDead(world, old, now);
  const told = await eventually(async () => {
    const records = await kafka.readAll(topicNames.quarantine);
    return records.length >= 2 && records;
  }, within);
  // A relay that is slow to note what it sent sends it again.
  expect([...new Set(told.map(({ key }) => key))]).toEqual(["moved"]);
  expect(JSON.stringify(told)).not.toContain(canary);
};

const dated = async (world: World): Promise<void> => {
  const now = Date.now();
  const known = await rejectedOnes(world);
  // Signed now and dated back: the writer's date is not looked at.
  await say(world, { instance: "pod-2", version: 2 }, now - hour);
  await heard(world, "pod-2", 2);
  // Signed long ago and dated as long ago: a recording that is played now.
  await say(world, { instance: "pod-3", version: 2, signedAt: now - hour }, now - hour);
  const [rejected] = await rejectedBeside(world, known, 1);
  expect(rejected).toMatchObject({ outcome: "refused" });
  expect((await instances(world)).map(({ instance }) => instance).toSorted()).toEqual([
    "pod-1",
    "pod-2",
  ]);
};
