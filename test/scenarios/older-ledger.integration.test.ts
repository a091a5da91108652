import { afterEach, expect, test } from "vitest";
import { actsOf, operator } from "./acts.fixture.ts";
import { restorable } from "./restorable.fixture.ts";
import { openWorld, type World } from "./world.fixture.ts";

let world: World;
afterEach(async () => await world.close());

const opened = async () => {
  const backup = restorable();
  world = await openWorld(backup.open);
  const acts = actsOf(world);
  await world.apply([{ id: "payments-db" }, { id: "orders-db" }]);
  await acts.setMode("act");
  await acts.rotate("payments-db");
  return { backup, acts };
};

const paused = async (): Promise<boolean> => {
  const { pause } = await world.parts.ledger.switches();
  return pause.paused && pause.all;
};

const pages = (): readonly string[] =>
  world.notices.filter(({ urgency }) => urgency === "page").map(({ about }) => about);

const unpause = async (): Promise<void> =>
  await world.parts.ledger.setPause({
    pause: { paused: false, all: false, reason: "compared with the world" },
    actor: operator,
  });

/** Everything that is due for a while. */
const settle = async (): Promise<void> => {
  let rounds = 0;
  await world.until(async () => await Promise.resolve((rounds += 1) > 20));
};

test.each([1, 3])(
  "a ledger restored from %s rotations ago pauses everything and touches nothing; a person lets the rest go on",
  async (rotations) => {
    const { backup, acts } = await opened();
    const older = backup.save();
    for (let count = 0; count < rotations; count += 1) await acts.rotate("payments-db");
    const [value, roles] = [await world.read("payments-db"), await world.roles()];
    backup.restore(older);
    await acts.wish("payments-db");
    await world.until(paused);
    await acts.wish("orders-db");
    await settle();
    expect(await world.read("payments-db")).toEqual(value);
    expect(await world.login(value)).toBeUndefined();
    expect(await world.roles()).toEqual(roles);
    expect(pages()).toContain("ledger");
    expect((await acts.active("payments-db"))?.state).toMatchObject({
      at: "halted",
      halt: { code: "LEDGER_BEHIND_WORLD" },
    });
    await unpause();
    await world.until(
      async () => (await acts.active("orders-db"))?.done.includes("promote#1") !== false,
    );
    world.moveOn(900_000);
    await settle();
    expect(await paused()).toBe(false);
    expect(await world.login(await world.read("orders-db"))).toBeUndefined();
    expect(await world.login(value)).toBeUndefined();
    expect(await world.read("payments-db")).toEqual(value);
  },
);

test("a failover to another timeline pauses what is due, a leak's containment too, until a person accepts it", async () => {
  const { backup, acts } = await opened();
  const value = await world.read("payments-db");
  await settle();
  backup.promote();
  await settle();
  expect(await paused()).toBe(true);
  await acts.leak("payments-db#1");
  await settle();
  expect(await world.login(value)).toBeUndefined();
  await unpause();
  await world.until(acts.allClosed);
  expect(await world.login(value)).toBe("28P01");
  expect(await paused()).toBe(false);
});

test("a provider that lists a later version under our name and mark is enough", async () => {
  const { acts } = await opened();
  const [role] = await world.roles();
  const later = role?.replace(/1$/u, "77") ?? "";
  const mark = {
    credential: "payments-db",
    version: 77,
    rotation: "01981f2e-0000-7000-8000-000000000000",
  };
  await world.sql(
    `create role "${later}" login password 'of-a-newer-ledger' in role payments_group`,
  );
  await world.sql(`comment on role "${later}" is '${JSON.stringify({ rekey: mark })}'`);
  await acts.wish("payments-db");
  await world.until(paused);
  expect(await world.login({ username: later, password: "of-a-newer-ledger" })).toBeUndefined();
});
