import { expect, test } from "vitest";
import { deedsOf } from "./deeds.fixture.ts";
import { openSmallWorld } from "./small-world.fixture.ts";

const hour = 3_600_000;

test("what waits looks again and again, and leaves an audit event only when it found something else", async () => {
  let looks = 0;
  const world = await openSmallWorld({
    consumers: ["api"],
    policy: { graceMs: 24 * hour },
    between: (ledger) => ({
      ...ledger,
      claimCase: async (request) => {
        const claim = await ledger.claimCase(request);
        if (claim !== undefined) looks += 1;
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
  await deeds.wish();
  const waits = async (what: string) => {
    const state = (await deeds.active())?.state;
    return state?.at === "waiting" && state.for === what;
  };
  await world.until(async () => await waits("consumers"));
  const state = (await deeds.active())!.state;
  const events = () => [...(world.ledger.state().tables.audit?.values() ?? [])];
  // Its case hears of it.
  await world.until(() => events().at(-1)?.type === "case.waiting");
  const before = events().map(({ id }) => id);
  const looked = looks;
  const until = world.clock.now() + 3 * hour;
  await world.until(() => world.clock.now() >= until, 4 * hour);
  const added = events().filter(({ id }) => !before.includes(id));
  expect(added.map(({ type }) => type)).toEqual([]);
  expect(looks - looked).toBeGreaterThan(3);
  expect((await deeds.active())!.state).toMatchObject({ ...state, until: expect.any(Number) });
  await deeds.move("api", 2);
  await world.until(deeds.allClosed);
  expect((await deeds.versions()).map(({ number, life }) => [number, life])).toEqual([
    [1, "revoked"],
    [2, "valid"],
  ]);
});
