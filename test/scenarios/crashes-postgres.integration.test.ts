import { credentialId } from "@rekey/domain";
import { afterEach, expect, test } from "vitest";
import { actsOf } from "./acts.fixture.ts";
import { postgresLedger } from "./ledgers.fixture.ts";
import { openWorld, type World } from "./world.fixture.ts";

let world: World;
afterEach(async () => await world.close());

const id = credentialId("payments-db");

/** On a real clock a lost claim is waited out for 25 s: the last thing before the end, with everything done. */
const onlyLateEffectsAreWaitedFor = async (): Promise<boolean> => {
  const active = await actsOf(world).active(id);
  // Where the steps before took as long as that, nothing is waited for any more.
  if (active === undefined) return await actsOf(world).allClosed();
  return (
    active.state.at === "waiting" &&
    active.state.reason.startsWith("a worker was lost") &&
    active.open?.key === "attest"
  );
};

/** The worker dies when the effect is there and its record is not; another takes over. */
const crashed = async (cause: "leak" | "wish", place: string) => {
  world = await openWorld(postgresLedger);
  const acts = actsOf(world);
  await world.apply([{ id }]);
  await acts.setMode("act");
  await acts.rotate(id);
  const before = await world.read(id);
  world.crash.at = place;
  await (cause === "leak" ? acts.leak(`${id}#1`) : acts.wish(id));
  await world.until(async () => world.crash.at === undefined);
  await world.restart();
  return { acts, before };
};

const oneAlive = async (before: { username: string; password: string }): Promise<void> => {
  const after = await world.read(id);
  expect(after.username).not.toBe(before.username);
  expect(await world.login(before)).toBe("28P01");
  expect(await world.login(after)).toBeUndefined();
  expect(await world.roles()).toEqual([after.username]);
  const view = await world.parts.ledger.credential(id);
  expect(view?.versions.map(({ number, life }) => [number, life]).toSorted()).toEqual([
    [1, "revoked"],
    [2, "valid"],
  ]);
};

test.each(["contain", "mint", "promote", "prove", "revoke"])(
  "on PostgreSQL a worker killed after the effect of %s in a leak leaves one version alive, the old one proven dead",
  async (step) => {
    const { before } = await crashed("leak", `${step}.after-effect`);
    await world.until(onlyLateEffectsAreWaitedFor);
    await oneAlive(before);
  },
);

test.each(["mint", "promote", "retire"])(
  "on PostgreSQL a worker killed after the effect of %s in a planned rotation leaves one version alive, the old one proven dead",
  async (step) => {
    const { before } = await crashed("wish", `${step}.after-effect`);
    await world.until(onlyLateEffectsAreWaitedFor);
    await oneAlive(before);
  },
);

test("on PostgreSQL the late effects of a lost worker are waited out, and then nothing is owed", async () => {
  const { acts, before } = await crashed("leak", "mint.after-effect");
  await world.until(acts.allClosed);
  await oneAlive(before);
  expect(await world.parts.ledger.debt({ limit: 10 })).toEqual([]);
});
