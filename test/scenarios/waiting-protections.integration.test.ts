import { consumerId, credentialId, identityId, type Consumer, type Policy } from "@rekey/domain";
import { afterEach, expect, test } from "vitest";
import { actsOf } from "./acts.fixture.ts";
import { auditOf, resume } from "./faults.fixture.ts";
import { memoryLedger } from "./ledgers.fixture.ts";
import { openWorld, type World } from "./world.fixture.ts";

let world: World;
afterEach(async () => await world.close());

const id = credentialId("payments-db");
const hourMs = 3_600_000;
type Value = Awaited<ReturnType<World["read"]>>;

/** In use; the policy is applied after its first version, which planned work makes too. */
const inUseUnder = async (policy: () => Partial<Policy>) => {
  world = await openWorld(memoryLedger);
  const acts = actsOf(world);
  await world.apply([{ id }]);
  await acts.setMode("act");
  await acts.rotate(id);
  await world.apply([{ id }], policy());
  return { acts, before: await world.read(id) };
};

const replaced = async (before: Value): Promise<void> => {
  await world.until(actsOf(world).allClosed);
  const after = await world.read(id);
  expect(after.username).not.toBe(before.username);
  expect(await world.login(before)).toBe("28P01");
  expect(await world.login(after)).toBeUndefined();
};

/** Open for one minute a year, half a year from now. */
const farMonth = ((new Date().getUTCMonth() + 6) % 12) + 1;
const rarely = { cron: `0 0 1 ${farMonth} *`, zone: "UTC", durationMs: 60_000 };
const frozen = (): Partial<Policy> => ({
  freezes: [{ from: Date.now() - hourMs, until: Date.now() + hourMs, reason: "year end" }],
});

const waits = [
  {
    what: "a closed maintenance window",
    policy: () => ({ windows: [rarely] }),
    state: { for: "window", reason: "outside the maintenance windows" },
  },
  { what: "a freeze", policy: frozen, state: { for: "window", reason: "freeze: year end" } },
  {
    what: "the owner's notice",
    policy: () => ({ noticeMs: hourMs }),
    state: { for: "time", reason: "the owner's notice is not over" },
  },
] as const;

test.each(waits)(
  "planned work waits for $what, and a leak of the same credential goes at once",
  async ({ policy, state }) => {
    const { acts, before } = await inUseUnder(policy);
    const roles = await world.roles();
    await acts.wish(id);
    await world.until(async () => (await acts.active(id))?.state.at === "waiting");
    expect((await acts.active(id))?.state).toMatchObject(state);
    expect(await world.roles()).toEqual(roles);
    expect(await world.login(before)).toBeUndefined();
    await acts.leak(`${id}#1`);
    await world.until(async () => (await world.login(before)) !== undefined);
    await replaced(before);
  },
);

test.each(waits.slice(1))("planned work goes on by itself when $what is over", async (wait) => {
  const { acts, before } = await inUseUnder(wait.policy);
  await acts.wish(id);
  await world.until(async () => (await acts.active(id))?.state.at === "waiting");
  expect(await world.login(before)).toBeUndefined();
  world.moveOn(hourMs);
  await replaced(before);
});

const workload: Consumer = {
  id: consumerId("payments-api"),
  identity: identityId("payments"),
  environment: "production",
  service: "payments-api",
};

/** A planned rotation in drain, its one consumer not moved, with grace far from over. */
const draining = async () => {
  world = await openWorld(memoryLedger);
  const acts = actsOf(world);
  await world.apply([{ id, consumers: [workload.id] }], { graceMs: 24 * hourMs }, [workload]);
  await acts.setMode("act");
  await acts.rotate(id);
  const before = await world.read(id);
  await acts.wish(id);
  const state = async () => (await acts.active(id))?.state;
  const waitsForConsumers = async (): Promise<boolean> => {
    const now = await state();
    return now?.at === "waiting" && now.for === "consumers";
  };
  await world.until(waitsForConsumers);
  return { acts, before, waitsForConsumers, rotation: (await acts.active(id))!.id };
};

const resumedTimes = (): number => auditOf(world, "rotation.resumed").length;

test("resume alone keeps waiting for consumers until grace is over", async () => {
  const { before, waitsForConsumers, rotation } = await draining();
  await resume(world, rotation);
  await world.until(async () => resumedTimes() === 1 && (await waitsForConsumers()));
  expect(await world.login(before)).toBeUndefined();
  expect(auditOf(world, "rotation.drained")).toEqual([]);
});

test("a person who cuts off who has not moved ends the drain at once, and it says who that was", async () => {
  const { acts, before, rotation } = await draining();
  await resume(world, rotation, true);
  await world.until(acts.allClosed);
  await world.until(async () => auditOf(world, "rotation.completed").length === 2);
  expect(await world.login(before)).toBe("28P01");
  expect(await world.login(await world.read(id))).toBeUndefined();
  expect(auditOf(world, "rotation.drained")).toMatchObject([
    { reason: "a person cut off the rest", detail: { moved: [], unmoved: [workload.id] } },
  ]);
  expect(auditOf(world, "rotation.resumed")).toMatchObject([{ detail: { cutOff: true } }]);
});

test("a cut-off said before the announcement counts for nothing: consumers still get their grace", async () => {
  world = await openWorld(memoryLedger);
  const acts = actsOf(world);
  const sketches = [{ id, consumers: [workload.id] }];
  await world.apply(sketches, { graceMs: 24 * hourMs }, [workload]);
  await acts.setMode("act");
  await acts.rotate(id);
  const before = await world.read(id);
  await world.apply(sketches, { graceMs: 24 * hourMs, noticeMs: hourMs }, [workload]);
  await acts.wish(id);
  await world.until(async () => (await acts.active(id))?.state.at === "waiting");
  await resume(world, (await acts.active(id))!.id, true);
  world.moveOn(hourMs);
  const drains = async (): Promise<boolean> => {
    const state = (await acts.active(id))?.state;
    return state?.at === "waiting" && state.for === "consumers";
  };
  await world.until(drains);
  expect(resumedTimes()).toBe(1);
  expect(await world.login(before)).toBeUndefined();
});

test("what the breaker holds pages the approvers once, is on record, and says the ways out", async () => {
  world = await openWorld(memoryLedger);
  const acts = actsOf(world);
  const ids = ["one", "two", "three"];
  await world.apply(
    ids.map((one) => ({ id: one })),
    { breaker: { killsMax: 1, containmentsMax: 1, windowMs: 600_000 } },
  );
  await acts.setMode("act");
  for (const one of ids) await acts.rotate(one);
  const three = await world.read("three");
  for (const one of ids) await acts.leak(`${one}#1`);
  const held = async () => (await acts.active("three"))?.state;
  await world.until(async () => (await held())?.at === "waiting");
  const pages = () => world.notices.filter((notice) => notice.to === "approvers");
  await world.until(async () => pages().length > 0);
  const state = await held();
  expect(state).toMatchObject({ for: "approval" });
  const reason = state?.at === "waiting" ? state.reason : "";
  for (const way of ["`rekey case approve`", "`breaker`", "the window's end"])
    expect(reason).toContain(way);
  expect(pages()).toMatchObject([{ about: "three", urgency: "page" }]);
  expect(pages()[0]?.text).toContain(reason);
  await resume(world, (await acts.active("three"))!.id);
  await world.until(async () => resumedTimes() === 1 && (await held())?.at === "waiting");
  expect(pages()).toHaveLength(1);
  expect(auditOf(world, "breaker.held")).toMatchObject([
    { reason, version: 1, detail: { code: "BREAKER_OPEN", step: "contain#1" } },
  ]);
  expect(await world.login(three)).toBeUndefined();
  world.moveOn(600_000);
  await world.until(acts.allClosed);
  expect(await world.login(three)).toBe("28P01");
});
