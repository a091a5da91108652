import { credentialId, faultCodes, type FaultCode } from "@rekey/domain";
import { afterEach, expect, test } from "vitest";
import { actsOf } from "./acts.fixture.ts";
import { fullServer } from "./full-server.fixture.ts";
import { auditOf, faultIn, plantAt, replaceIssuer, resume } from "./faults.fixture.ts";
import type { CredentialSketch } from "./inventory.fixture.ts";
import { memoryLedger } from "./ledgers.fixture.ts";
import { trustingServer } from "./trusting-server.fixture.ts";
import { openWorld, type World } from "./world.fixture.ts";

let world: World;
afterEach(async () => await world.close());

const id = credentialId("payments-db");
/** The world's only look after a death. */
const watchDelayMs = 3_600_000;
const control: CredentialSketch = { id: "control-payments-db", identity: "rekey", control: true };
type Value = Awaited<ReturnType<World["read"]>>;

const inUse = async (beside: readonly CredentialSketch[] = []) => {
  world = await openWorld(memoryLedger);
  const acts = actsOf(world);
  const sketches = [{ id }, ...beside];
  await world.apply(sketches);
  await acts.setMode("act");
  for (const sketch of sketches) await acts.rotate(sketch.id);
  const offboard = async (): Promise<void> =>
    await world.report({
      kind: "offboarding",
      effect: "end",
      subject: { type: "service", ids: [{ scheme: "rekey", value: "payments" }] },
    });
  return { acts, offboard, before: await world.read(id) };
};

const failsWith = async (code: FaultCode): Promise<void> =>
  await world.until(async () => faultIn(await actsOf(world).active(id)) === code);

/** The owner is told what a person does next. */
const ownerIsTold = async (code: FaultCode): Promise<void> =>
  await world.until(async () =>
    world.notices.some(
      (notice) => notice.to === "owner" && notice.text.includes(faultCodes[code].next),
    ),
  );

const firstVersion = async () => {
  const view = await world.parts.ledger.credential(id);
  return view?.versions.find((version) => version.number === 1);
};

const notProven = async (): Promise<void> => {
  expect((await firstVersion())?.provenDeadAt).toBeUndefined();
  expect((await firstVersion())?.life).not.toBe("revoked");
  expect(await world.parts.ledger.debt({ limit: 10 })).not.toEqual([]);
};

const endsDead = async (before: Value): Promise<void> => {
  await world.until(actsOf(world).allClosed);
  expect(await world.login(before)).toBe("28P01");
  expect((await firstVersion())?.life).toBe("revoked");
};

const reenable = async (value: Value): Promise<void> =>
  await world.sql(`alter role "${value.username}" login`);

test.each([
  { cause: "a leak", begin: "leak" },
  { cause: "a plan", begin: "wish" },
] as const)(
  "what died after $cause and is enabled again by somebody is stopped again, and is proven dead only when it is",
  async ({ begin }) => {
    const { acts, before } = await inUse();
    const again = 3;
    const seenAlive: (string | undefined)[] = [];
    const happened = plantAt(world, {
      point: "prove.before-effect",
      times: again,
      act: async () => {
        await reenable(before);
        seenAlive.push(await world.login(before));
      },
    });
    await (begin === "leak" ? acts.leak(`${id}#1`) : acts.wish(id));
    await failsWith("PROOF_STILL_ALIVE");
    await notProven();
    expect(await world.login(before)).toBe("28000");
    await endsDead(before);
    expect(happened()).toBe(again);
    expect(seenAlive).toEqual(Array.from({ length: again }, () => undefined));
    const stops = auditOf(world, "version.suspended").filter(({ reason }) =>
      reason.includes("stopped again"),
    );
    expect(stops).toHaveLength(again);
    expect(auditOf(world, "version.proven-dead")).toHaveLength(1);
    expect(await world.login(await world.read(id))).toBeUndefined();
  },
);

test("a successor that is refused proves nothing: the old version is not called dead until it is let in", async () => {
  const { acts, before } = await inUse();
  plantAt(world, {
    point: "prove.before-effect",
    act: async () => await world.sql(`alter role "${(await world.read(id)).username}" nologin`),
  });
  await acts.leak(`${id}#1`);
  await failsWith("PROOF_CONTROL_FAILED");
  await notProven();
  await ownerIsTold("PROOF_CONTROL_FAILED");
  await notProven();
  await reenable(await world.read(id));
  await endsDead(before);
  expect(await world.login(await world.read(id))).toBeUndefined();
});

test("a control credential that is refused proves nothing: an offboarding waits for it and goes on", async () => {
  const { offboard, before } = await inUse([control]);
  const witness = await world.read(control.id);
  plantAt(world, {
    point: "prove.before-effect",
    act: async () => await world.sql(`alter role "${witness.username}" nologin`),
  });
  await offboard();
  await failsWith("PROOF_CONTROL_FAILED");
  await ownerIsTold("PROOF_CONTROL_FAILED");
  await notProven();
  expect(await world.login(before)).toBe("28000");
  await reenable(witness);
  await endsDead(before);
  expect(await world.roles()).toEqual([witness.username]);
});

test("an offboarding without a control credential stops its versions, says what is missing and claims no death", async () => {
  const { acts, offboard, before } = await inUse();
  await offboard();
  await failsWith("NO_CONTROL");
  await ownerIsTold("NO_CONTROL");
  await notProven();
  expect((await acts.active(id))?.state).toMatchObject({
    halt: { nextSafeAction: faultCodes.NO_CONTROL.next },
  });
  expect(await world.login(before)).toBe("28000");
  await world.apply([{ id }, control]);
  await acts.wish(control.id);
  await world.until(async () => (await world.roles()).some((role) => role !== before.username));
  const stopped = await acts.active(id);
  if (stopped !== undefined) await resume(world, stopped.id);
  await endsDead(before);
  expect(await world.roles()).toEqual([(await world.read(control.id)).username]);
});

test("a server that asks for no password proves no death: the old version is called dead only when it asks again", async () => {
  const { acts, before } = await inUse();
  const server = trustingServer(world);
  plantAt(world, {
    point: "prove.before-effect",
    act: async () => await server.trust((await world.read(id)).username),
  });
  await acts.leak(`${id}#1`);
  await failsWith("PROOF_CONTROL_FAILED");
  await ownerIsTold("PROOF_CONTROL_FAILED");
  await notProven();
  expect(await world.login(before), "refused by its name alone").toBe("28000");
  await server.askAgain((await world.read(id)).username);
  await endsDead(before);
  expect(await world.login(await world.read(id))).toBeUndefined();
});

test("a watch of a server that asks for no password any more says nothing of the dead, and goes on when it asks again", async () => {
  const { acts, before } = await inUse();
  const server = trustingServer(world);
  await acts.leak(`${id}#1`);
  await endsDead(before);
  const successor = (await world.read(id)).username;
  await server.trust(successor);
  const looked = () => auditOf(world, "watch.probed").map(({ reason }) => reason);
  const code = "PROOF_CONTROL_FAILED";
  world.moveOn(watchDelayMs);
  await world.until(async () => looked().filter((reason) => reason === code).length >= 3);
  await ownerIsTold(code);
  expect(auditOf(world, "watch.ended")).toEqual([]);
  expect(auditOf(world, "watch.reopened")).toEqual([]);
  await server.askAgain(successor);
  await world.until(async () => auditOf(world, "watch.ended").length > 0);
});

test("a server that takes no more logins gives no answer, and no answer is never a proof", async () => {
  const { acts, before } = await inUse();
  const full = fullServer(world);
  const happened = plantAt(world, { point: "prove.before-effect", act: full.fill });
  try {
    await acts.leak(`${id}#1`);
    await failsWith("PROOF_UNKNOWN");
    expect(happened()).toBe(1);
    expect(await world.login(before)).toBe("53300");
    await notProven();
  } finally {
    await full.free();
  }
  await endsDead(before);
  expect(await world.login(await world.read(id))).toBeUndefined();
});

test("a leak whose death could not be proven is contained first, and no death is claimed", async () => {
  const { acts, before } = await inUse();
  const restore = replaceIssuer(world, {
    ...world.issuer,
    capabilities: { ...world.issuer.capabilities, canProbe: false },
  });
  await acts.leak(`${id}#1`);
  await failsWith("PLAN_IMPOSSIBLE");
  await notProven();
  expect(await world.login(before)).toBeDefined();
  expect(await world.login(await world.read(id))).toBeUndefined();
  restore();
  await resume(world, (await acts.active(id))!.id);
  await endsDead(before);
});
