import { planVersion } from "@rekey/domain";
import { afterEach, expect, test } from "vitest";
import { actsOf } from "./acts.fixture.ts";
import { restorable } from "./restorable.fixture.ts";
import { openWorld, type World } from "./world.fixture.ts";

let world: World;
afterEach(async () => await world.close());

type State = ReturnType<ReturnType<typeof restorable>["save"]>;

/** Every open rotation, as a build has written it whose plans have this version. */
const plannedAs = (state: State, version: number): State => {
  const rotations = [...(state.tables.rotations ?? [])].map(
    ([id, row]) => [id, { ...row, planVersion: version }] as const,
  );
  return { ...state, tables: { ...state.tables, rotations: new Map(rotations) } };
};

/** Everything that is due for a while. */
const settle = async (): Promise<void> => {
  let rounds = 0;
  await world.until(async () => await Promise.resolve((rounds += 1) > 20));
};

test("a plan that a newer build wrote is left alone, and carried on by a worker that knows it", async () => {
  const ledger = restorable();
  world = await openWorld(ledger.open);
  const acts = actsOf(world);
  await world.apply([{ id: "payments-db" }]);
  await acts.setMode("act");
  await acts.rotate("payments-db");
  await acts.wish("payments-db");
  await world.until(async () => (await acts.active("payments-db")) !== undefined);
  ledger.restore(plannedAs(ledger.save(), planVersion + 1));
  const [value, roles] = [await world.read("payments-db"), await world.roles()];
  await settle();
  world.moveOn(3_600_000);
  await settle();
  expect(await world.read("payments-db")).toEqual(value);
  expect(await world.roles()).toEqual(roles);
  expect((await acts.active("payments-db"))?.state).toMatchObject({
    at: "waiting",
    reason: expect.stringContaining("UNKNOWN_PLAN_VERSION") as string,
  });
  ledger.restore(plannedAs(ledger.save(), planVersion));
  world.moveOn(60_000);
  await world.until(acts.allClosed);
  expect(await acts.active("payments-db")).toBeUndefined();
  expect(await world.login(await world.read("payments-db"))).toBeUndefined();
  expect(await world.login(value)).toBe("28P01");
});
