import { afterEach, expect, test } from "vitest";
import { credentialId } from "@rekey/domain";
import { actsOf, operator } from "./acts.fixture.ts";
import { memoryLedger } from "./ledgers.fixture.ts";
import type { CredentialSketch } from "./inventory.fixture.ts";
import { openWorld, type World } from "./world.fixture.ts";

let world: World;
afterEach(async () => await world.close());

const firstWatchMs = 3_600_000;

const open = async (
  sketches: readonly CredentialSketch[],
  policy: Parameters<World["apply"]>[1] = {},
) => {
  world = await openWorld(memoryLedger);
  const acts = actsOf(world);
  await world.apply(sketches, policy);
  await acts.setMode("act");
  for (const { id } of sketches) await acts.rotate(id);
  return acts;
};

test("after the last watch the store forgets the dead version's value", async () => {
  const acts = await open([{ id: "payments-db" }]);
  await acts.leak("payments-db#1");
  await world.until(acts.allClosed);
  const ref = { credential: credentialId("payments-db"), version: 1 };
  const address = (await world.parts.ledger.credential(ref.credential))!.credential.store!;
  const call = { signal: new AbortController().signal, deadlineMs: 5_000, key: "test" };
  expect(await world.store.read(address, ref, call)).toBeDefined();
  world.moveOn(firstWatchMs);
  await world.until(async () => (await world.store.read(address, ref, call)) === undefined);
});

/** As a restored backup of the server would: the role is there again, with Rekey's mark. */
const restoreRole = async (value: { username: string; password: string }): Promise<void> => {
  const view = await world.parts.ledger.credential(credentialId("payments-db"));
  const rotation = view?.versions.find((version) => version.number === 1)?.rotation;
  const mark = JSON.stringify({ rekey: { credential: "payments-db", version: 1, rotation } });
  await world.sql(
    `create role "${value.username}" login password '${value.password}' in role payments_group`,
  );
  await world.sql(`comment on role "${value.username}" is '${mark}'`);
};

test("a version that comes back from the dead reopens its case, and dies again", async () => {
  const acts = await open([{ id: "payments-db" }]);
  const before = await world.read("payments-db");
  await acts.leak("payments-db#1");
  await world.until(acts.allClosed);
  await restoreRole(before);
  expect(await world.login(before)).toBeUndefined();
  world.moveOn(firstWatchMs);
  await world.until(async () => (await world.cases()).some((one) => one.episode === 2));
  await world.until(async () => (await world.login(before)) !== undefined);
  expect(
    world.notices.filter((notice) => notice.urgency === "page").map((notice) => notice.to),
  ).toContain("on-call");
});

test("a provider that is away closes its gate, and everything goes on when it is back", async () => {
  const acts = await open([{ id: "payments-db" }]);
  const before = await world.read("payments-db");
  await world.target.kill();
  await acts.leak("payments-db#1");
  await world.until(
    async () =>
      (await world.parts.ledger.gate({ issuer: world.issuer.instance, contains: false })).gate
        .state !== "open",
  );
  await world.target.restart();
  await world.until(acts.allClosed);
  expect(await world.login(before)).toBe("28P01");
  expect(await world.login(await world.read("payments-db"))).toBeUndefined();
});

test("a leak is stopped within seconds by a provider that is back after hours, whatever its gate has seen", async () => {
  const acts = await open([{ id: "one" }, { id: "two" }]);
  const two = await world.read("two");
  const { ledger } = world.parts;
  const issuer = world.issuer.instance;
  await world.target.kill();
  await acts.leak("one#1");
  await world.until(async () => (await ledger.gate({ issuer, contains: false })).gate.failures > 2);
  for (let asked = 0; asked < 12; asked += 1) {
    world.moveOn(900_000);
    await ledger.gate({ issuer, contains: false });
    await ledger.reportGate({ issuer, ok: false, jitter: 0.5 });
  }
  await world.target.restart();
  const backAt = (await ledger.check()).now;
  await acts.leak("two#1");
  await world.until(async () => (await world.login(two)) !== undefined);
  expect((await ledger.check()).now - backAt).toBeLessThan(30_000);
  await world.until(acts.allClosed);
});

test("above its budget a producer's containments wait for people, and two of them let it go on", async () => {
  const acts = await open([{ id: "one" }, { id: "two" }, { id: "three" }], {
    breaker: { killsMax: 1, containmentsMax: 1, windowMs: 3_600_000 },
  });
  const three = await world.read("three");
  await acts.leak("one#1");
  await acts.leak("two#1");
  await acts.leak("three#1");
  await world.until(
    async () =>
      (await acts.active("three"))?.state.at === "waiting" &&
      (await acts.active("two")) === undefined,
  );
  expect((await acts.active("three"))?.state).toMatchObject({ for: "approval" });
  expect(await world.login(three)).toBeUndefined();
  const held = (await world.cases()).find((one) => one.about === "three#1")!;
  for (const by of ["sso:ada", "sso:grace"]) {
    await world.parts.ledger.appendInput({
      target: { kind: "case", id: held.id },
      input: { type: "approve", by },
      actor: operator,
    });
  }
  await world.until(acts.allClosed);
  expect(await world.login(three)).toBe("28P01");
});

test("what Rekey did not make is reported and never touched; the end waits for a person's word", async () => {
  const acts = await open([{ id: "payments-db" }]);
  const foreign = { username: "made_by_hand", password: "by-hand-password" };
  await world.sql(
    `create role ${foreign.username} login password '${foreign.password}' in role payments_group`,
  );
  await acts.leak("payments-db#1");
  await world.until(async () => (await acts.active("payments-db"))?.state.at === "waiting");
  expect((await acts.active("payments-db"))?.state).toMatchObject({ for: "person" });
  await world.parts.ledger.acknowledgeForeign({
    credential: credentialId("payments-db"),
    principal: foreign.username,
    actor: operator,
    reason: "ours to keep",
  });
  await world.until(acts.allClosed);
  expect(await world.login(foreign)).toBeUndefined();
});

test("a scope that proposes starts nothing until a person approves", async () => {
  const acts = await open([{ id: "payments-db" }]);
  await acts.setMode("propose", "payments-db");
  const before = await world.read("payments-db");
  await acts.leak("payments-db#1");
  const waiting = async () =>
    (await world.cases()).find((one) => one.kind === "incident" && one.state.at === "waiting");
  await world.until(async () => (await waiting()) !== undefined);
  expect(await world.login(before)).toBeUndefined();
  await world.parts.ledger.appendInput({
    target: { kind: "case", id: (await waiting())!.id },
    input: { type: "approve", by: "sso:ada" },
    actor: operator,
  });
  await world.until(acts.allClosed);
  expect(await world.login(before)).toBe("28P01");
});

test("a pause holds planned work and lets containment through", async () => {
  const acts = await open([{ id: "planned" }, { id: "leaked" }]);
  const [planned, leaked] = [await world.read("planned"), await world.read("leaked")];
  await world.parts.ledger.setPause({
    pause: { paused: true, all: false, reason: "change freeze" },
    actor: operator,
  });
  await acts.wish("planned");
  await acts.leak("leaked#1");
  await world.until(async () => (await world.login(leaked)) !== undefined);
  expect(await world.read("planned")).toEqual(planned);
  await world.parts.ledger.setPause({ pause: { paused: false, all: false }, actor: operator });
  await world.until(acts.allClosed);
  expect(await world.read("planned")).not.toEqual(planned);
});

test("a wish for the end of a credential closes as a proven death, not as a rotation", async () => {
  const acts = await open([{ id: "payments-db" }, { id: "control-payments-db", control: true }]);
  const before = await world.read("payments-db");
  const locators = [{ scheme: "rekey", value: "payments-db" }];
  await world.report({ kind: "manual", effect: "end", locators });
  await world.until(acts.allClosed);
  expect(await world.login(before)).toBe("28P01");
  expect(await acts.outcomes()).toContain("campaign proven-dead");
});
