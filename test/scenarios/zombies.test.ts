import { beforeEach, describe, expect, test } from "vitest";
import { deedsOf } from "./deeds.fixture.ts";
import { openSmallWorld, type SmallWorld } from "./small-world.fixture.ts";

let world: SmallWorld;
let deeds: ReturnType<typeof deedsOf>;

const open = async (options: Parameters<typeof openSmallWorld>[0] = {}): Promise<void> => {
  world = await openSmallWorld(options);
  deeds = deedsOf(world);
  await deeds.begin();
};

/** Stops the next worker that comes to the place; others pass. */
const stopAt = (place: string): (() => boolean) => {
  let reached = false;
  world.at = async (name) => {
    if (reached || name !== place) return;
    reached = true;
    await world.freeze();
  };
  return () => reached;
};

describe("a worker that was stopped beyond its hold", () => {
  beforeEach(async () => await open());

  test.each(["stage", "mint", "promote", "retire", "revoke"])(
    "changes nothing at us when it goes on before its %s",
    async (step) => {
      const reached = stopAt(`${step}.before-effect`);
      await deeds.wish();
      await world.until(() => reached());
      await world.clock.advance(16_000);
      await world.until(deeds.allClosed);
      const before = JSON.stringify([...(world.ledger.state().tables.audit?.keys() ?? [])]);
      const applied = world.provider.applied.length;
      await world.thaw();
      await world.clock.advance(1_000);
      expect(JSON.stringify([...(world.ledger.state().tables.audit?.keys() ?? [])])).toBe(before);
      expect(world.provider.applied).toHaveLength(applied);
      expect([...world.provider.accounts.keys()]).toEqual(["control-v1", "main-v2"]);
    },
  );

  test("changes nothing at us when it goes on after its effect", async () => {
    const reached = stopAt("mint.after-effect");
    await deeds.wish();
    await world.until(() => reached());
    await world.clock.advance(16_000);
    await world.until(deeds.allClosed);
    const rows = world.ledger.state().tables.audit?.size;
    await world.thaw();
    expect(world.ledger.state().tables.audit?.size).toBe(rows);
  });
});

test("an escalation takes the work from a worker at once, and what it had asked is waited for", async () => {
  await open();
  const reached = stopAt("mint.before-effect");
  await deeds.wish();
  await world.until(() => reached());
  const first = world.shelf.read("main")!;
  await deeds.leak("main#1");
  await world.settle();
  expect(world.provider.letsIn(first), "contained while the other was stopped").toBe(false);
  expect((await deeds.active())?.state).toMatchObject({ at: "waiting", for: "time" });
  await world.thaw();
  await world.until(deeds.allClosed);
  expect([...world.provider.accounts.keys()]).toEqual(["control-v1", "main-v2"]);
});

test("a step whose renewal is refused is aborted, and nothing of it is recorded", async () => {
  await open();
  let sleeping: Promise<unknown> = Promise.resolve();
  world.provider.disturb = async ({ kind, call }) => {
    if (kind !== "mint") return "as asked";
    sleeping = new Promise((resolve) =>
      call.signal.addEventListener("abort", () => resolve(undefined), { once: true }),
    );
    await world.ledger.endForeignHolds({ worker: "another" });
    await sleeping;
    return "lose the answer";
  };
  await deeds.wish();
  const [hint] = await world.due();
  await world.work(hint!);
  const [rotation] = await world.due();
  await world.work(rotation!);
  expect((await deeds.active())?.failures).toBe(0);
  expect(
    (await world.ledger.gate({ issuer: world.provider.issuer.instance, contains: false })).gate
      .failures,
  ).toBe(0);
  world.provider.disturb = async () => await Promise.resolve("as asked");
  await world.until(deeds.allClosed);
  expect([...world.provider.accounts.keys()]).toEqual(["control-v1", "main-v2"]);
});

test("a late mint that only the provider can name is found by its baseline, and dies", async () => {
  await open({
    capabilities: { secretChosenBy: "issuer", canMark: false, versionsMax: 3 },
  });
  const reached = stopAt("mint.before-effect");
  await deeds.wish();
  await world.until(() => reached());
  await deeds.offboard();
  await world.settle();
  await world.thaw();
  expect(
    [...world.provider.accounts.values()].filter(({ group }) => group === "main").length,
  ).toBeGreaterThan(0);
  await world.until(deeds.allClosed);
  expect([...world.provider.accounts.values()].map(({ group }) => group)).toEqual(["control"]);
});
