import { afterEach, expect, test } from "vitest";
import { memoryLedger } from "./ledgers.fixture.ts";
import { openWorld, type World } from "./world.fixture.ts";

let world: World;
afterEach(async () => await world.close());

const steps = [
  "contain",
  "stage",
  "mint",
  "verify",
  "promote",
  "prove",
  "revoke",
  "attest",
] as const;
const points = ["before-effect", "after-effect", "after-record"] as const;
const places = steps
  .flatMap((step) => points.map((point) => `${step}.${point}`))
  .filter((place) => place !== "contain.after-record");

const allClosed = async (): Promise<boolean> => {
  const cases = await world.cases();
  return cases.length > 0 && cases.every((one) => one.state.at === "closed");
};

test.each(places)(
  "a worker killed at %s leaves nothing doubled, nothing owed and no orphan",
  async (place) => {
    world = await openWorld(memoryLedger);
    await world.apply([{ id: "payments-db" }]);
    const actor = { id: "local:test", authenticated: "local-socket", roles: ["operator"] } as const;
    await world.parts.ledger.setMode({
      setting: { scope: "everything", name: "", mode: "act" },
      actor,
      reason: "test",
    });
    await world.report({
      kind: "manual",
      effect: "rotate",
      locators: [{ scheme: "rekey", value: "payments-db" }],
    });
    await world.until(allClosed);
    const before = await world.read("payments-db");
    world.crash.at = place;
    await world.report({
      kind: "exposure",
      effect: "expose",
      locators: [{ scheme: "rekey", value: "payments-db#1" }],
      confidence: "valid",
    });
    await world.until(async () => world.crash.at === undefined || (await allClosed()));
    expect(world.crash.at, "the failpoint was reached").toBeUndefined();
    await world.restart();
    await world.until(allClosed);
    const after = await world.read("payments-db");
    expect(await world.login(before)).toBe("28P01");
    expect(await world.login(after)).toBeUndefined();
    expect(await world.roles()).toEqual([after.username]);
    expect(await world.parts.ledger.debt({ limit: 10 })).toEqual([]);
  },
);
