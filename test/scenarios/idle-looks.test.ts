import { expect, test } from "vitest";
import { deedsOf } from "./deeds.fixture.ts";
import { openSmallWorld, operator } from "./small-world.fixture.ts";

const minute = 60_000;
const hour = 60 * minute;

/** A world with a first version of `main` that counts each turn at a case or a rotation. */
const opened = async () => {
  const looks = { case: 0, rotation: 0 };
  const world = await openSmallWorld({
    consumers: ["api"],
    policy: { graceMs: 24 * hour },
    between: (ledger) => ({
      ...ledger,
      claimCase: async (request) => {
        const claim = await ledger.claimCase(request);
        if (claim !== undefined) looks.case += 1;
        return claim;
      },
      claimRotation: async (request) => {
        const claim = await ledger.claimRotation(request);
        if (claim !== undefined) looks.rotation += 1;
        return claim;
      },
    }),
  });
  const deeds = deedsOf(world);
  await deeds.wish("control");
  await deeds.wish();
  await world.until(async () => (await deeds.versions()).some(({ label }) => label === "current"));
  await deeds.move("api", 1);
  await world.until(deeds.allClosed);
  const events = () => [...(world.ledger.state().tables.audit?.values() ?? [])];
  /** Looks and audit events of so long, once the rotation waits for that and its case has heard of it. */
  const lookedFor = async (what: string, durationMs: number) => {
    await world.until(async () => {
      const state = (await deeds.active())?.state;
      return state?.at === "waiting" && state.for === what;
    });
    await world.until(() => events().at(-1)?.type === "case.waiting");
    const [known, before] = [events().length, { ...looks }];
    const until = world.clock.now() + durationMs;
    await world.until(() => world.clock.now() >= until, durationMs + hour);
    return {
      added: events()
        .slice(known)
        .map(({ type }) => type),
      cases: looks.case - before.case,
      rotations: looks.rotation - before.rotation,
    };
  };
  return { world, deeds, lookedFor };
};

test("a case that waits for its rotation looks rarer the longer it lasts, and leaves no audit event", async () => {
  const { world, deeds, lookedFor } = await opened();
  await deeds.wish();
  const { added, cases } = await lookedFor("consumers", 12 * hour);
  expect(added).toEqual([]);
  // Every eighth of its age: some 35 looks in two hours, then one each quarter of an hour.
  expect(cases).toBeGreaterThan(60);
  expect(cases).toBeLessThan(96);
  await deeds.move("api", 2);
  await world.until(deeds.allClosed);
  expect((await deeds.versions()).map(({ number, life }) => [number, life])).toEqual([
    [1, "revoked"],
    [2, "valid"],
  ]);
});

test("a rotation that is paused looks often, and leaves no audit event until it goes on", async () => {
  const { world, deeds, lookedFor } = await opened();
  const pause = { paused: true, all: false, reason: "a test" };
  await world.ledger.setPause({ pause, actor: operator });
  await deeds.wish();
  const { added, rotations } = await lookedFor("person", hour);
  expect(added).toEqual([]);
  expect(rotations).toBeGreaterThan(3);
  await world.ledger.setPause({ pause: { ...pause, paused: false }, actor: operator });
  await world.until(async () => (await deeds.versions()).length > 1);
});
