import { consumerId, credentialId, identityId, type Consumer } from "@rekey/domain";
import { afterEach, describe, expect, test } from "vitest";
import { actsOf } from "./acts.fixture.ts";
import { memoryLedger, postgresLedger } from "./ledgers.fixture.ts";
import { openWorld, type LedgerUnderTest, type World } from "./world.fixture.ts";

let world: World;
afterEach(async () => await world.close());

const workload: Consumer = {
  id: consumerId("payments-api"),
  identity: identityId("payments"),
  environment: "production",
  service: "payments-api",
};

type OpenLedger = () => Promise<LedgerUnderTest>;

/** Each ends with logins made outside the engine. */
const stories: Readonly<Record<string, (openLedger: OpenLedger) => Promise<void>>> = {
  "a leaked version is contained, replaced and proven dead, and the new one works": async (
    openLedger,
  ) => {
    world = await openWorld(openLedger);
    const acts = actsOf(world);
    await world.apply([{ id: "payments-db" }]);
    await acts.setMode("act");
    await acts.rotate("payments-db");
    const before = await world.read("payments-db");
    expect(await world.login(before)).toBeUndefined();
    await acts.leak("payments-db#1");
    await world.until(acts.allClosed);
    const after = await world.read("payments-db");
    expect(await world.login(before)).toBe("28P01");
    expect(await world.login(after)).toBeUndefined();
    expect(await world.roles()).toEqual([after.username]);
    expect(await acts.outcomes()).toEqual(["campaign rotated", "incident proven-dead"]);
  },
  "thirty reports of one secret make one case": async (openLedger) => {
    world = await openWorld(openLedger);
    const acts = actsOf(world);
    await world.apply([{ id: "payments-db" }]);
    await acts.setMode("act");
    await acts.rotate("payments-db");
    for (let count = 0; count < 30; count += 1) await acts.leak("payments-db#1");
    await world.until(acts.allClosed);
    const incidents = (await world.cases()).filter((one) => one.kind === "incident");
    expect(incidents).toHaveLength(1);
    const outcomes = await world.parts.ledger.signals({
      limit: 100,
      outcomes: ["opened", "joined", "noted"],
    });
    expect(outcomes).toHaveLength(31);
  },
  "a rotation by age overlaps: the old version works until consumers have moved": async (
    openLedger,
  ) => {
    world = await openWorld(openLedger);
    const acts = actsOf(world);
    const sketches = [{ id: "payments-db", consumers: ["payments-api"] }];
    await world.apply(sketches, { graceMs: 600_000 }, [workload]);
    await acts.setMode("act");
    await acts.rotate("payments-db");
    const before = await world.read("payments-db");
    // Only now, or a slow first rotation would be old before its end.
    await world.apply(sketches, { rotateAfterMs: 2_000, graceMs: 600_000 }, [workload]);
    await world.until(async () => (await world.read("payments-db")).username !== before.username);
    const during = await world.read("payments-db");
    expect(await world.login(before)).toBeUndefined();
    expect(await world.login(during)).toBeUndefined();
    await world.parts.ledger.sight({
      consumer: workload.id,
      credential: credentialId("payments-db"),
      instance: "a",
      version: 2,
      counted: true,
    });
    await world.until(async () => (await world.login(before)) !== undefined);
    expect(await world.login(during)).toBeUndefined();
  },
  "a planned rotation halts rather than lock out a consumer that has not moved": async (
    openLedger,
  ) => {
    world = await openWorld(openLedger);
    const acts = actsOf(world);
    await world.apply([{ id: "payments-db", consumers: ["payments-api"] }], { graceMs: 1_000 }, [
      workload,
    ]);
    await acts.setMode("act");
    await acts.rotate("payments-db");
    const before = await world.read("payments-db");
    await world.report({
      kind: "manual",
      effect: "rotate",
      locators: [{ scheme: "rekey", value: "payments-db" }],
    });
    await world.until(async () => {
      const view = await world.parts.ledger.credentials({ limit: 1 });
      return view[0]?.active?.state.at === "halted";
    });
    expect(await world.login(before)).toBeUndefined();
    expect(world.notices.map((notice) => notice.to)).toContain("owner");
  },
  "an offboarded partner's credentials are all dead, with the control credential as witness":
    async (openLedger) => {
      world = await openWorld(openLedger);
      const acts = actsOf(world);
      const ids = ["acme-reports", "acme-orders", "acme-archive"];
      await world.apply([
        ...ids.map((id) => ({ id, identity: "acme" })),
        { id: "control-payments-db", identity: "rekey", control: true },
      ]);
      await acts.setMode("act");
      for (const id of [...ids, "control-payments-db"]) await acts.rotate(id);
      const values = await Promise.all(ids.map(async (id) => await world.read(id)));
      await world.report({
        kind: "offboarding",
        effect: "end",
        subject: { type: "partner", ids: [{ scheme: "rekey", value: "acme" }] },
      });
      await world.until(acts.allClosed);
      for (const value of values) expect(await world.login(value)).toBe("28P01");
      expect(await world.roles()).toEqual([(await world.read("control-payments-db")).username]);
      expect(await acts.outcomes()).toContain("offboarding proven-dead");
    },
  "a removed deployment ends what was made for it and leaves what others share": async (
    openLedger,
  ) => {
    world = await openWorld(openLedger);
    const acts = actsOf(world);
    const other: Consumer = { ...workload, id: consumerId("reports"), service: "reports" };
    await world.apply(
      [
        { id: "short-lived", consumers: ["payments-api"], endsWith: "deployment" },
        { id: "shared", consumers: ["payments-api", "reports"], endsWith: "deployment" },
        { id: "control-payments-db", identity: "rekey", control: true },
      ],
      {},
      [workload, other],
    );
    await acts.setMode("act");
    for (const id of ["short-lived", "shared", "control-payments-db"]) await acts.rotate(id);
    const [short, shared] = [await world.read("short-lived"), await world.read("shared")];
    await world.report({
      kind: "lifecycle",
      effect: "retire",
      environment: "production",
      subject: { type: "service", ids: [{ scheme: "service", value: "payments-api" }] },
    });
    await world.until(acts.allClosed);
    expect(await world.login(short)).toBe("28P01");
    expect(await world.login(shared)).toBeUndefined();
  },
  "in observe mode a leak ends as would-have, and nothing is touched": async (openLedger) => {
    world = await openWorld(openLedger);
    const acts = actsOf(world);
    await world.apply([{ id: "payments-db" }]);
    await acts.setMode("act");
    await acts.rotate("payments-db");
    await acts.setMode("observe", "payments-db");
    const before = await world.read("payments-db");
    const roles = await world.roles();
    await acts.leak("payments-db#1");
    await world.until(acts.allClosed);
    expect(await acts.outcomes()).toContain("incident would-have");
    expect(await world.login(before)).toBeUndefined();
    expect(await world.roles()).toEqual(roles);
    expect(await world.read("payments-db")).toEqual(before);
  },
};

describe.each([
  ["in memory", memoryLedger],
  ["on PostgreSQL", postgresLedger],
] as const)("with the ledger %s", (_name, openLedger) => {
  test.each(Object.entries(stories))("%s", async (_story, run) => await run(openLedger));
});
