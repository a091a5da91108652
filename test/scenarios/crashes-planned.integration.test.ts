import { consumerId, credentialId, identityId, type Consumer } from "@rekey/domain";
import { afterEach, expect, test } from "vitest";
import { actsOf } from "./acts.fixture.ts";
import { resume } from "./faults.fixture.ts";
import { memoryLedger } from "./ledgers.fixture.ts";
import { openWorld, type World } from "./world.fixture.ts";

let world: World;
afterEach(async () => await world.close());

const id = credentialId("payments-db");
const points = ["before-effect", "after-effect", "after-record"] as const;
const placesOf = (steps: readonly string[]): readonly string[] =>
  steps.flatMap((step) => points.map((point) => `${step}.${point}`));

const workload: Consumer = {
  id: consumerId("payments-api"),
  identity: identityId("payments"),
  environment: "production",
  service: "payments-api",
};

const open = async (sketches: Parameters<World["apply"]>[0], consumers: readonly Consumer[]) => {
  world = await openWorld(memoryLedger);
  const acts = actsOf(world);
  await world.apply(sketches, {}, consumers);
  await acts.setMode("act");
  for (const sketch of sketches) await acts.rotate(sketch.id);
  return acts;
};

/** The worker dies at the place, and another comes after the dead one's hold. */
const dies = async (place: string): Promise<void> => {
  await world.until(async () => world.crash.at === undefined);
  expect(world.crash.at, `${place} was reached`).toBeUndefined();
  await world.restart();
};

/** The consumer's one instance says that it uses the version. */
const moves = async (version: number): Promise<void> =>
  void (await world.parts.ledger.sight({
    consumer: workload.id,
    credential: id,
    instance: "a",
    version,
    counted: true,
  }));

/** Drain performs nothing at its first turns: it ends when the consumer has moved. */
const waitsFor = async (reason: string): Promise<boolean> => {
  const state = (await actsOf(world).active(id))?.state;
  return state?.at === "waiting" && state.for === reason;
};

test.each(placesOf(["announce", "drain", "retire"]))(
  "a worker killed at %s of a planned rotation locks nobody out and leaves one version alive",
  async (place) => {
    const acts = await open([{ id, consumers: [workload.id] }], [workload]);
    const before = await world.read(id);
    world.crash.at = place;
    await acts.wish(id);
    if (place.startsWith("retire")) {
      await world.until(async () => await waitsFor("consumers"));
      await moves(2);
    }
    await dies(place);
    if (!place.startsWith("retire")) {
      await world.until(async () => await waitsFor("consumers"));
      expect(await world.login(before)).toBeUndefined();
      await moves(2);
    }
    await world.until(acts.allClosed);
    const after = await world.read(id);
    expect(after.username).not.toBe(before.username);
    expect(await world.login(before)).toBe("28P01");
    expect(await world.login(after)).toBeUndefined();
    expect(await world.roles()).toEqual([after.username]);
    expect(await world.parts.ledger.debt({ limit: 10 })).toEqual([]);
    const announced = world.sent.filter((record) => record.topic === "rekey.announcements.v1");
    expect(announced).toHaveLength(2);
  },
);

test("a worker killed after a person's cut-off was recorded loses nothing of that word", async () => {
  const acts = await open([{ id, consumers: [workload.id] }], [workload]);
  const before = await world.read(id);
  await acts.wish(id);
  await world.until(async () => await waitsFor("consumers"));
  world.crash.at = "drain.after-effect";
  await resume(world, (await acts.active(id))!.id, true);
  await dies("drain.after-effect");
  await world.until(acts.allClosed);
  expect(await world.login(before)).toBe("28P01");
  expect(await world.login(await world.read(id))).toBeUndefined();
});

test.each(placesOf(["retire", "prove", "revoke", "attest"]))(
  "a worker killed at %s of an offboarding leaves nothing alive of it and nothing owed",
  async (place) => {
    const control = { id: "control-payments-db", identity: "rekey", control: true };
    const acts = await open([{ id }, control], []);
    const before = await world.read(id);
    world.crash.at = place;
    await world.report({
      kind: "offboarding",
      effect: "end",
      subject: { type: "service", ids: [{ scheme: "rekey", value: "payments" }] },
    });
    await dies(place);
    await world.until(acts.allClosed);
    expect(await world.login(before)).toBe("28P01");
    expect(await world.roles()).toEqual([(await world.read(control.id)).username]);
    expect(await world.parts.ledger.debt({ limit: 10 })).toEqual([]);
    const view = await world.parts.ledger.credential(id);
    expect(view?.versions.map((version) => version.life)).toEqual(["revoked"]);
    expect(view?.credential.ended).toBe(true);
    expect(await acts.outcomes()).toContain("offboarding proven-dead");
  },
);
