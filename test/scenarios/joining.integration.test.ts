import { consumerId, identityId, type Consumer } from "@rekey/domain";
import { afterEach, expect, test } from "vitest";
import { actsOf } from "./acts.fixture.ts";
import { memoryLedger, postgresLedger } from "./ledgers.fixture.ts";
import { openWorld, type LedgerUnderTest, type World } from "./world.fixture.ts";

/** Under a minute: a longer wait would need the scheduler's own time too, which passes as on a clock on the wall. */
const graceMs = 50_000;

let world: World;
afterEach(async () => await world.close());

const workload: Consumer = {
  id: consumerId("payments-api"),
  identity: identityId("payments"),
  environment: "production",
  service: "payments-api",
};

/** A planned rotation that waits for its consumer: the old version works, the new one is current. */
const draining = async (openLedger: () => Promise<LedgerUnderTest> = memoryLedger) => {
  world = await openWorld(openLedger);
  const acts = actsOf(world);
  await world.apply(
    [
      { id: "payments-db", consumers: ["payments-api"] },
      { id: "control-payments-db", identity: "rekey", control: true },
    ],
    { graceMs },
    [workload],
  );
  await acts.setMode("act");
  await acts.rotate("control-payments-db");
  await acts.rotate("payments-db");
  const first = await world.read("payments-db");
  await acts.wish("payments-db");
  await world.until(
    async () =>
      (await acts.active("payments-db"))?.open?.key === "drain#2" &&
      (await world.read("payments-db")).username !== first.username,
  );
  const second = await world.read("payments-db");
  return { acts, first, second };
};

test.each([
  ["in memory", memoryLedger],
  ["on PostgreSQL", postgresLedger],
] as const)(
  "a leak that meets a rotation that waits is acted on by the process that took it in, %s",
  async (_name, openLedger) => {
    const { acts, first, second } = await draining(openLedger);
    const { id } = (await acts.active("payments-db"))!;
    // No other worker has a turn here.
    await acts.leak("payments-db#1");
    expect(await world.login(first)).toBe("28P01");
    expect(await world.login(second)).toBeUndefined();
    const { effects } = (await world.parts.ledger.rotation(id))!;
    expect(effects.map(({ step }) => step)).toContain("contain#1");
  },
);

test("a leak of the old version during drain escalates the rotation that is running", async () => {
  const { acts, first, second } = await draining();
  const running = (await acts.active("payments-db"))!.id;
  await acts.leak("payments-db#1");
  await world.until(async () => (await world.login(first)) !== undefined);
  expect((await acts.active("payments-db"))?.id).toBe(running);
  world.moveOn(graceMs);
  await world.until(acts.allClosed);
  expect(await world.login(first)).toBe("28P01");
  expect(await world.read("payments-db")).toEqual(second);
});

test("a leak of the new version sends readers back to the old one, and a third takes over", async () => {
  const { acts, first, second } = await draining();
  await acts.leak("payments-db#2");
  await world.until(async () => (await world.login(second)) !== undefined);
  expect(await world.login(await world.read("payments-db"))).toBeUndefined();
  await world.until(acts.allClosed);
  const third = await world.read("payments-db");
  expect([first.username, second.username]).not.toContain(third.username);
  expect(await world.login(third)).toBeUndefined();
  expect(await world.login(first)).toBe("28P01");
  expect(await world.login(second)).toBe("28P01");
});

test("an offboarding during a rotation ends every version, the new one too", async () => {
  const { acts, first, second } = await draining();
  await world.report({
    kind: "offboarding",
    effect: "end",
    subject: { type: "service", ids: [{ scheme: "rekey", value: "payments" }] },
  });
  await world.until(acts.allClosed);
  expect(await world.login(first)).toBe("28P01");
  expect(await world.login(second)).toBe("28P01");
  expect(await world.roles()).toEqual([(await world.read("control-payments-db")).username]);
});
