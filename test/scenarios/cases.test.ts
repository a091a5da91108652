import { credentialId, type Mode } from "@rekey/domain";
import { tick } from "@rekey/engine";
import { expect, test } from "vitest";
import { deedsOf } from "./deeds.fixture.ts";
import { openSmallWorld, operator, type SmallWorldOptions } from "./small-world.fixture.ts";

const many = (count: number): NonNullable<SmallWorldOptions["credentials"]> =>
  Array.from({ length: count }, (_, index) => ({ id: credentialId(`c${index + 1}`) }));

const opened = async (options: SmallWorldOptions = {}) => {
  const world = await openSmallWorld(options);
  const deeds = deedsOf(world);
  const ids = options.credentials?.map(({ id }) => id!) ?? ["main"];
  await deeds.begin(...ids);
  return { world, deeds, ids };
};

test("an offboarding goes in waves of one and ten, and a halt in a wave holds the next", async () => {
  const { world, deeds } = await opened({ credentials: many(12) });
  world.provider.disturb = async ({ kind }) =>
    await Promise.resolve(kind === "suspend" ? "fail before" : "as asked");
  await deeds.offboard();
  await world.clock.advance(0);
  await world.settle();
  const started = async () => {
    const [one] = (await deeds.cases()).filter(({ kind }) => kind === "offboarding");
    const view = await world.ledger.case(one!.id);
    return view!.items.filter(({ rotation }) => rotation !== undefined).length;
  };
  expect(await started()).toBe(1);
  world.provider.disturb = async () => await Promise.resolve("as asked");
  await world.until(deeds.allClosed);
  const [offboarding] = (await deeds.cases()).filter(({ kind }) => kind === "offboarding");
  const items = (await world.ledger.case(offboarding!.id))!.items.map(({ wave }) => wave);
  expect([1, 2, 3].map((wave) => items.filter((one) => one === wave).length)).toEqual([1, 10, 1]);
  expect([...world.provider.accounts.keys()]).toEqual(["control-v1"]);
});

test("after a wave that somebody undid, the next one starts with a person's word", async () => {
  const { world, deeds } = await opened({
    credentials: many(3),
  });
  await deeds.offboard();
  world.provider.disturb = async ({ kind }) =>
    await Promise.resolve(kind === "suspend" ? "fail before" : "as asked");
  await world.settle();
  const [first] = await Promise.all(["c1", "c2", "c3"].map(async (id) => await deeds.active(id)));
  await deeds.tell({ kind: "rotation", id: first!.id }, { type: "undo", by: "sso:ada" });
  world.provider.disturb = async () => await Promise.resolve("as asked");
  const offboarding = async () => (await deeds.cases()).find(({ kind }) => kind === "offboarding")!;
  await world.until(async () => {
    const { state } = await offboarding();
    return (await deeds.active("c1")) === undefined && state.at === "waiting";
  });
  expect((await offboarding()).state).toMatchObject({ for: "approval" });
  expect(await deeds.active("c2")).toBeUndefined();
  const { id } = await offboarding();
  await deeds.tell({ kind: "case", id }, { type: "approve", by: "sso:grace" });
  await world.until(deeds.allClosed);
  expect([...world.provider.accounts.keys()].sort()).toEqual(["c1-v1", "control-v1"]);
  expect((await deeds.credential("c1")).ended, "its end was undone").toBe(false);
  expect((await deeds.credential("c2")).ended).toBe(true);
});

test("what comes back while an offboarding closes is ended by it too", async () => {
  const { world, deeds } = await opened();
  const before = { ...world.provider.accounts.get("main-v1")! };
  world.at = (place) => {
    if (place !== "case.enumerate.before") return;
    world.at = () => undefined;
    world.provider.accounts.set("main-v1", before);
  };
  await deeds.offboard();
  await world.until(deeds.allClosed);
  expect([...world.provider.accounts.keys()]).toEqual(["control-v1"]);
  expect((await deeds.cases()).find(({ kind }) => kind === "offboarding")?.state).toMatchObject({
    outcome: "proven-dead",
  });
});

test.each(["case.wave.before", "case.enumerate.before", "case.close.before"])(
  "a wish that comes at %s, when the rotation it joins is over, gets a rotation of its own",
  async (where) => {
    const { world, deeds } = await opened();
    world.at = async (place) => {
      const second = (await deeds.versions("main")).find(({ number }) => number === 2);
      const over = second !== undefined && (await deeds.active("main")) === undefined;
      if (place !== where || !over) return;
      world.at = () => undefined;
      await deeds.wish("main");
    };
    await deeds.wish("main");
    await world.until(deeds.allClosed);
    expect([...world.provider.accounts.keys()].sort()).toEqual(["control-v1", "main-v3"]);
  },
);

/** An offboarding of two credentials, one of them in a scope that only observes; it waits for a person. */
const mixedOffboarding = async () => {
  const { world, deeds } = await opened({
    credentials: [{ id: credentialId("c1") }, { id: credentialId("c2"), environment: "staging" }],
  });
  const setStaging = async (mode: Mode): Promise<void> => {
    const setting = { scope: "environment", name: "staging", mode } as const;
    await world.ledger.setMode({ setting, actor: operator, reason: "a test" });
  };
  await setStaging("observe");
  await deeds.offboard();
  const offboarding = async () => (await deeds.cases()).find(({ kind }) => kind === "offboarding")!;
  await world.until(async () => {
    const { state } = await offboarding();
    return state.at === "waiting" && state.for === "person";
  });
  const debt = async () => await world.ledger.debt({ limit: 10 });
  return { world, deeds, offboarding, debt, setStaging };
};

test("what an offboarding only observed stays owed, by name, until it is proven dead", async () => {
  const { world, deeds, offboarding, debt, setStaging } = await mixedOffboarding();
  const { id } = await offboarding();
  const owed = { case: id, credential: "c2", version: 1, owner: "team" };
  expect(await debt()).toMatchObject([{ ...owed, lastReason: "its scope only observes" }]);
  await setStaging("act");
  await world.until(deeds.allClosed);
  const { obligations } = (await world.ledger.case(id))!;
  expect(obligations.filter(({ credential }) => credential === "c2")).toMatchObject([
    { ...owed, settledBy: "proof" },
  ]);
  expect(await debt()).toEqual([]);
});

test("nothing stays owed of an offboarding that a person dismissed, or that was observed as a whole", async () => {
  const { world, deeds, offboarding, debt } = await mixedOffboarding();
  const { id } = await offboarding();
  await deeds.tell({ kind: "case", id }, { type: "dismiss", by: "sso:ada", reason: "kept" });
  await world.until(deeds.allClosed);
  expect(await debt()).toEqual([]);
  await deeds.leak("c2#1");
  await world.until(deeds.allClosed);
  const incident = (await deeds.cases()).find(({ kind }) => kind === "incident")!;
  expect(incident.state).toMatchObject({ outcome: "would-have" });
  const { obligations } = (await world.ledger.case(incident.id))!;
  expect(obligations.map(({ version, settledBy }) => [version, settledBy])).toContainEqual([
    1,
    "observed",
  ]);
  expect(await debt()).toEqual([]);
});

test("a credential without a version is offboarded too, and never gets one", async () => {
  const world = await openSmallWorld();
  const deeds = deedsOf(world);
  await deeds.wish("control");
  await world.until(deeds.allClosed);
  await deeds.offboard();
  await world.until(deeds.allClosed);
  expect((await deeds.credential()).ended).toBe(true);
  await deeds.wish();
  await world.until(deeds.allClosed);
  expect(await deeds.versions()).toEqual([]);
});

test("one person who approves two cases of one rotation is one person to the breaker", async () => {
  const { world, deeds } = await opened({
    policy: { breaker: { killsMax: 0, containmentsMax: 0, windowMs: 3_600_000 } },
  });
  await deeds.leak("main#1");
  await deeds.wish();
  await world.until(async () => (await deeds.active())?.state.at === "waiting");
  const value = world.shelf.read("main")!;
  const approve = async (by: string): Promise<void> => {
    for (const { id, state } of await deeds.cases())
      if (state.at !== "closed") await deeds.tell({ kind: "case", id }, { type: "approve", by });
    await world.settle();
  };
  await approve("sso:ada");
  await approve("sso:ada");
  expect(world.provider.letsIn(value)).toBe(true);
  await approve("sso:grace");
  await world.until(deeds.allClosed);
  expect(world.provider.letsIn(value)).toBe(false);
});

test("grace counts from the receipt of the very announcement that is awaited", async () => {
  const { world, deeds } = await opened({ consumers: ["billing"], policy: { graceMs: 60_000 } });
  await deeds.wish();
  await world.until(async () => (await deeds.active())?.open?.key === "drain#2");
  const { id, announcedAt } = (await deeds.active())!;
  await world.clock.advance(10_000);
  const { now } = await world.ledger.check();
  await deeds.tell({ kind: "rotation", id }, { type: "announced", at: now, version: 2 });
  await world.settle();
  expect((await deeds.active())?.announcedAt, "a second receipt of it").toBe(announcedAt);
  await world.until(async () => (await deeds.active())?.state.at === "halted");
  await deeds.tell({ kind: "rotation", id }, { type: "resume", by: "sso:ada", cutOff: true });
  await world.until(deeds.allClosed);
  const ended = [...(world.ledger.state().tables.rotations?.values() ?? [])].find(
    (one) => one.id === id,
  );
  expect(ended?.unmoved).toEqual(["billing"]);
});

test("a dispatcher that is away stops neither the clock nor what is scheduled", async () => {
  const { world } = await opened({ policy: { rotateAfterMs: 1_000 } });
  await world.clock.advance(2_000);
  world.jobs.setReachable(false);
  expect(await world.during(tick(world.parts))).toMatchObject({ invited: 0, scheduled: 2 });
  world.jobs.setReachable(true);
  world.jobs.lose();
  expect((await world.during(tick(world.parts))).invited).toBeGreaterThan(0);
});

test("an exposure counts the producers that reported it, never the schedule it met", async () => {
  const { world, deeds } = await opened({
    policy: { breaker: { killsMax: 5, containmentsMax: 0, windowMs: 3_600_000 } },
  });
  await deeds.wish();
  await world.report({
    kind: "exposure",
    effect: "expose",
    locators: [{ scheme: "rekey", value: "main#1" }],
    public: true,
  });
  await world.settle();
  expect((await deeds.active())?.state).toMatchObject({ at: "waiting", for: "approval" });
});

test("a leak from before an offboarding brings no successor after it", async () => {
  const { world, deeds } = await opened({ policy: { onExposure: "replace-first" } });
  await deeds.leak("main#1");
  const incident = (await deeds.cases()).find(({ kind }) => kind === "incident")!;
  await deeds.offboard();
  while (!(await deeds.credential()).ended) {
    const hint = (await world.due()).find(({ id }) => id !== incident.id);
    await world.work(hint!);
  }
  await world.until(deeds.allClosed);
  expect([...world.provider.accounts.keys()]).toEqual(["control-v1"]);
});
