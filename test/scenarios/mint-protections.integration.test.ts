import { credentialId, rotationId, type Call, type VersionRef } from "@rekey/domain";
import { afterEach, expect, test } from "vitest";
import { actsOf, operator } from "./acts.fixture.ts";
import { faultIn, plantAt, replaceIssuer, resume } from "./faults.fixture.ts";
import { memoryLedger } from "./ledgers.fixture.ts";
import { openWorld, type World } from "./world.fixture.ts";

let world: World;
afterEach(async () => await world.close());

const credential = credentialId("payments-db");

/** One credential in use: its first version works. */
const inUse = async () => {
  world = await openWorld(memoryLedger);
  const acts = actsOf(world);
  await world.apply([{ id: credential }]);
  await acts.setMode("act");
  await acts.rotate(credential);
  const before = await world.read(credential);
  const halted = async (): Promise<boolean> =>
    (await acts.active(credential))?.state.at === "halted";
  return { acts, before, halted };
};

/** Somebody resumes; the rotation ends with the old version dead and the new one let in. */
const endsAfterResume = async (before: { username: string; password: string }): Promise<void> => {
  const acts = actsOf(world);
  await resume(world, (await acts.active(credential))!.id);
  await world.until(acts.allClosed);
  const after = await world.read(credential);
  expect(after.username).not.toBe(before.username);
  expect(await world.login(before)).toBe("28P01");
  expect(await world.login(after)).toBeUndefined();
};

test.each([
  {
    what: "a group that only the old role is in",
    given: (old: string) => `create role audit_group nologin; grant audit_group to "${old}"`,
    aligned: (next: string) => `grant audit_group to "${next}"`,
  },
  {
    what: "a setting that only the old role has",
    given: (old: string) => `alter role "${old}" set statement_timeout = '5s'`,
    aligned: (next: string) => `alter role "${next}" set statement_timeout = '5s'`,
  },
])("$what halts before readers move, and goes on once aligned", async ({ given, aligned }) => {
  const { acts, before, halted } = await inUse();
  const happened = plantAt(world, {
    point: "verify.before-effect",
    act: async () => await world.sql(given(before.username)),
  });
  await acts.wish(credential);
  await world.until(halted);
  expect(happened()).toBe(1);
  const { state } = (await acts.active(credential))!;
  expect(state).toMatchObject({
    halt: {
      code: "VERIFY_PRIVILEGES",
      nextSafeAction: expect.stringContaining("align the group's privileges") as string,
    },
  });
  expect(await world.read(credential)).toEqual(before);
  expect(await world.login(before)).toBeUndefined();
  await world.until(async () => world.notices.some((notice) => notice.to === "owner"));
  const next = (await world.roles()).find((role) => role !== before.username)!;
  await world.sql(aligned(next));
  await endsAfterResume(before);
});

test("planned work whose end could not be proven is refused before anything is touched", async () => {
  const { acts, before, halted } = await inUse();
  const roles = await world.roles();
  const restore = replaceIssuer(world, {
    ...world.issuer,
    capabilities: { ...world.issuer.capabilities, canProbe: false },
  });
  await acts.wish(credential);
  await world.until(halted);
  const { state } = (await acts.active(credential))!;
  expect(state).toMatchObject({
    halt: {
      code: "PLAN_IMPOSSIBLE",
      reason: expect.stringContaining("allowListedProof") as string,
      nextSafeAction: expect.stringContaining("rekey rotation resume") as string,
    },
  });
  expect(await world.roles()).toEqual(roles);
  expect(await world.read(credential)).toEqual(before);
  expect(await world.login(before)).toBeUndefined();
  restore();
  await endsAfterResume(before);
});

test("an issuer that this process does not know halts with its reason, and nothing is touched", async () => {
  const { acts, before, halted } = await inUse();
  const roles = await world.roles();
  const restore = replaceIssuer(world, undefined);
  await acts.wish(credential);
  await world.until(halted);
  const { state } = (await acts.active(credential))!;
  expect(state).toMatchObject({
    halt: {
      code: "CONFIG_MISSING",
      nextSafeAction: "add the instance to the configuration and restart",
    },
  });
  expect(await world.roles()).toEqual(roles);
  expect(await world.login(before)).toBeUndefined();
  restore();
  await endsAfterResume(before);
});

test.each([
  { where: "a version the ledger has never heard of", number: 9 },
  { where: "the very version the ledger would make next", number: 2 },
])(
  "a newer rotation than the ledger's at $where halts, and nothing is written over",
  async ({ number }) => {
    const { acts, before } = await inUse();
    const roles = await world.roles();
    const newer: VersionRef = { credential, version: number };
    const address = (await world.parts.ledger.credential(credential))!.credential.store!;
    const call: Call = { signal: new AbortController().signal, deadlineMs: 5_000, key: "test" };
    const material = await world.issuer.propose(newer, { group: "payments_group", database: "x" });
    const staged = { ref: newer, rotation: rotationId("of-a-lost-ledger"), rotationNumber: 99 };
    await world.store.stage(address, { ...staged, material, readers: [] }, call);
    await acts.wish(credential);
    await world.until(async () => faultIn(await acts.active(credential)) === "LEDGER_BEHIND_WORLD");
    const kept = await world.store.read(address, newer, call);
    expect(kept?.rotationNumber).toBe(99);
    expect(kept?.material.secret.equals(material.secret)).toBe(true);
    expect(await world.read(credential)).toEqual(before);
    expect(await world.roles()).toEqual(roles);
    expect(await world.login(before)).toBeUndefined();
    await world.until(async () => world.notices.some((notice) => notice.urgency === "page"));
  },
);

/** A role as somebody would make by hand: no mark, in the same group. */
const byHand = async (username: string): Promise<{ username: string; password: string }> => {
  const role = { username, password: "by-hand-password" };
  await world.sql(
    `create role "${role.username}" login password '${role.password}' in role payments_group`,
  );
  return role;
};

test("after a lost answer of mint the marked role is adopted, and an unmarked one beside it is never touched", async () => {
  const { acts, before } = await inUse();
  let theirs = { username: "", password: "" };
  plantAt(world, {
    point: "mint.after-effect",
    act: async () => void (theirs = await byHand("rekey_payments-db_20")),
  });
  world.crash.at = "mint.after-effect";
  await acts.wish(credential);
  await world.until(async () => world.crash.at === undefined);
  const made = (await world.roles()).filter(
    (role) => role !== before.username && role !== theirs.username,
  );
  expect(made).toHaveLength(1);
  await world.restart();
  const foreignWait = async (): Promise<boolean> => {
    const state = (await acts.active(credential))?.state;
    return state?.at === "waiting" && state.for === "person";
  };
  await world.until(foreignWait);
  const after = await world.read(credential);
  expect([after.username]).toEqual(made);
  expect(await world.login(before)).toBe("28P01");
  expect(await world.login(theirs)).toBeUndefined();
  const views = await world.parts.ledger.credential(credential);
  expect(views?.versions.map((version) => version.principal)).not.toContain(theirs.username);
  await world.parts.ledger.acknowledgeForeign({
    credential,
    principal: theirs.username,
    actor: operator,
    reason: "ours to keep",
  });
  await world.until(acts.allClosed);
  expect(await world.login(theirs)).toBeUndefined();
  expect(await world.login(after)).toBeUndefined();
});

test("an unmarked role that has the next version's very name is not taken over", async () => {
  const { acts, before, halted } = await inUse();
  const name = world.issuer.principalOf({ credential, version: 2 }, {})!;
  const theirs = await byHand(name);
  await acts.wish(credential);
  await world.until(halted);
  expect(faultIn(await acts.active(credential))).toBe("PROVIDER_UNSURE");
  expect(await world.login(theirs)).toBeUndefined();
  expect(await world.login(before)).toBeUndefined();
  expect(await world.read(credential)).toEqual(before);
});
