import { credentialId } from "@rekey/domain";
import { afterEach, expect, test } from "vitest";
import { actsOf, operator } from "./acts.fixture.ts";
import { memoryLedger } from "./ledgers.fixture.ts";
import { openWorld, type World } from "./world.fixture.ts";

let world: World;
afterEach(async () => await world.close());

const payments = credentialId("payments-db");
const stranger = { username: "made_by_others", password: "their-own-password" };

/** A login role in the same group with a mark, as another installation or a forger writes it. */
const markedRole = async (mark: object): Promise<void> => {
  await world.sql(
    `create role ${stranger.username} login password '${stranger.password}' in role payments_group`,
  );
  await world.sql(`comment on role ${stranger.username} is '${JSON.stringify({ rekey: mark })}'`);
};

const opened = async () => {
  world = await openWorld(memoryLedger);
  const acts = actsOf(world);
  await world.apply([{ id: "payments-db" }]);
  await acts.setMode("act");
  await acts.rotate("payments-db");
  return acts;
};

const unknownRotation = "01981f2e-0000-7000-8000-000000000000";

test.each([
  ["of a rotation that this ledger never had", () => unknownRotation],
  ["that is no rotation at all", () => "1'; drop role postgres; --"],
  ["of a rotation that minted another version", (known: string) => known],
])("a mark %s makes nobody ours: it is reported and never touched", async (_what, rotationOf) => {
  const acts = await opened();
  const view = await world.parts.ledger.credential(payments);
  const rotation = rotationOf(view!.versions[0]!.rotation).replaceAll("'", "");
  await markedRole({ credential: "payments-db", version: 77, rotation });
  await acts.leak("payments-db#1");
  await world.until(async () => (await acts.active("payments-db"))?.state.at === "waiting");
  expect((await acts.active("payments-db"))?.state).toMatchObject({ for: "person" });
  await world.parts.ledger.acknowledgeForeign({
    credential: payments,
    principal: stranger.username,
    actor: operator,
    reason: "another installation's",
  });
  await world.until(acts.allClosed);
  expect(await world.login(stranger)).toBeUndefined();
  expect(
    (await world.parts.ledger.credential(payments))?.versions.map((one) => one.number),
  ).toEqual([1, 2]);
});

test("a copy of a known version's mark under another name is foreign too", async () => {
  const acts = await opened();
  const view = await world.parts.ledger.credential(payments);
  const { number: version, rotation } = view!.versions[0]!;
  await markedRole({ credential: "payments-db", version, rotation });
  await acts.leak("payments-db#1");
  await world.until(async () => (await acts.active("payments-db"))?.state.at === "waiting");
  expect((await acts.active("payments-db"))?.state).toMatchObject({ for: "person" });
  expect(await world.login(stranger)).toBeUndefined();
});

test("one observed credential does not turn an offboarding into nothing, and the case stays open for it", async () => {
  world = await openWorld(memoryLedger);
  const acts = actsOf(world);
  await world.apply([
    { id: "acme-orders", identity: "acme" },
    { id: "acme-trial", identity: "acme", environment: "staging" },
    { id: "control-payments-db", identity: "rekey", control: true },
  ]);
  await acts.setMode("act");
  for (const id of ["acme-orders", "acme-trial", "control-payments-db"]) await acts.rotate(id);
  await acts.setMode("observe", "acme-trial");
  const [orders, trial] = [await world.read("acme-orders"), await world.read("acme-trial")];
  const subject = { type: "partner" as const, ids: [{ scheme: "rekey", value: "acme" }] };
  await world.report({ kind: "offboarding", effect: "end", subject });
  const offboarding = async () => (await world.cases()).find((one) => one.kind === "offboarding");
  await world.until(
    async () =>
      (await offboarding())?.state.at === "waiting" && (await world.login(orders)) !== undefined,
  );
  await world.until(async () =>
    JSON.stringify((await offboarding())?.state).includes("acme-trial"),
  );
  expect((await offboarding())?.state).toMatchObject({ at: "waiting", for: "person" });
  expect(await world.login(trial)).toBeUndefined();
  await acts.setMode("act", "acme-trial");
  world.moveOn(3_600_000);
  await world.until(acts.allClosed);
  expect(await world.login(trial)).toBe("28P01");
});
