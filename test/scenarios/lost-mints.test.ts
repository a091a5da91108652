import { expect, test } from "vitest";
import { deedsOf } from "./deeds.fixture.ts";
import { openSmallWorld, type SmallWorldOptions } from "./small-world.fixture.ts";

const key = { secretChosenBy: "issuer", canMark: false, propagationMs: 4_000 } as const;

const opened = async (options: SmallWorldOptions) => {
  const world = await openSmallWorld(options);
  const deeds = deedsOf(world);
  await deeds.begin();
  const lose = (times: number): void => {
    let left = times;
    world.provider.disturb = async ({ kind }) => {
      await Promise.resolve();
      if (kind !== "mint" || left === 0) return "as asked";
      left -= 1;
      return "lose the answer";
    };
  };
  const ours = () => [...world.provider.accounts.values()].filter(({ group }) => group === "main");
  return { world, deeds, lose, ours };
};

test.each([1, 2])(
  "a value lost with the answer to its mint %d times is made again, and the lost ones die",
  async (times) => {
    const { world, deeds, lose, ours } = await opened({ capabilities: key });
    lose(times);
    await deeds.wish();
    await world.until(deeds.allClosed);
    const value = world.shelf.read("main")!;
    expect(ours().map(({ principal }) => principal)).toEqual([value.fields["username"]]);
    expect(world.provider.letsIn(value)).toBe(true);
    const versions = await deeds.versions();
    expect(versions.filter(({ life }) => life === "revoked")).toHaveLength(1 + times);
    expect(await world.ledger.debt({ limit: 10 })).toEqual([]);
  },
);

test("where the provider allows two, the lost one makes room for the next", async () => {
  const { world, deeds, lose, ours } = await opened({ capabilities: { ...key, versionsMax: 2 } });
  lose(1);
  await deeds.wish();
  await world.until(deeds.allClosed);
  expect(ours()).toHaveLength(1);
  expect(world.provider.letsIn(world.shelf.read("main")!)).toBe(true);
});

test("a worker that dies between mint and stage loses the value, not the account", async () => {
  const { world, deeds, ours } = await opened({ capabilities: key });
  let died = false;
  world.at = (place) => {
    if (died || place !== "stage.before-effect") return;
    died = true;
    throw new (class extends Error {})("killed");
  };
  await deeds.wish();
  await world.until(deeds.allClosed).catch(() => undefined);
  await world.until(deeds.allClosed);
  expect(died).toBe(true);
  expect(ours()).toHaveLength(1);
  expect(world.provider.letsIn(world.shelf.read("main")!)).toBe(true);
});

test("an account that may be ours and may be somebody's is left alone until a person says whose", async () => {
  const { world, deeds, ours } = await opened({ capabilities: key });
  world.provider.disturb = async ({ kind }) => {
    if (kind === "mint") world.provider.addForeign("main", "by-hand");
    world.provider.disturb = async () => await Promise.resolve("as asked");
    return await Promise.resolve("fail before");
  };
  await deeds.wish();
  await world.until(async () => (await deeds.active())?.state.at === "halted");
  expect((await deeds.active())?.state).toMatchObject({ halt: { code: "PROVIDER_UNSURE" } });
  await world.ledger.acknowledgeForeign({
    credential: (await deeds.credential()).id,
    principal: "by-hand",
    actor: { id: "sso:ada", authenticated: "jwt", roles: ["operator"] },
    reason: "known",
  });
  await world.until(deeds.allClosed);
  expect(ours().map(({ principal }) => principal)).toContain("by-hand");
  expect(ours()).toHaveLength(2);
});

test("a limit that versions of others have used up halts and says what frees a slot", async () => {
  const { world, deeds } = await opened({ capabilities: { ...key, versionsMax: 2 } });
  world.provider.addForeign("main", "by-hand");
  await deeds.wish();
  await world.until(async () => (await deeds.active())?.state.at === "halted");
  expect((await deeds.active())?.state).toMatchObject({
    halt: { code: "PROVIDER_NEEDS_SLOT", nextSafeAction: expect.stringContaining("end a version") },
  });
  expect(world.provider.letsIn(world.shelf.read("main")!)).toBe(true);
  world.provider.accounts.delete("by-hand");
  await world.until(deeds.allClosed);
});
