import {
  acknowledgementType,
  encodeCloudEvent,
  heartbeatType,
  statementEvent,
  topicNames,
  type StatementType,
} from "@rekey/contracts";
import type { IncomingRecord, Ledger } from "@rekey/domain";
import { takeStatements } from "@rekey/engine";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { beforeEach, expect, test } from "vitest";
import { deedsOf } from "./deeds.fixture.ts";
import { inventoryOf } from "./small-inventory.fixture.ts";
import { Died, openSmallWorld, operator, type SmallWorld } from "./small-world.fixture.ts";

const options = { consumers: ["api"], policy: { graceMs: 24 * 3_600_000 } };
const minute = 60_000;

let world: SmallWorld;
let deeds: ReturnType<typeof deedsOf>;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let offset = 0n;

/** A second version is promoted, and its rotation waits for the consumer. */
beforeEach(async () => {
  keys = await generateKeyPair("EdDSA", { extractable: true });
  world = await openSmallWorld(options);
  deeds = deedsOf(world);
  await register(true);
  await deeds.wish("control");
  await deeds.wish();
  await world.until(async () => (await deeds.versions()).some(({ label }) => label === "current"));
  await deeds.move("api", 1);
  await world.until(deeds.allClosed);
  await deeds.wish();
  await world.until(async () => (await state()) === "waiting");
});

const register = async (signs: boolean): Promise<void> => {
  const { kty, crv, x } = await exportJWK(keys.publicKey);
  const inventory = inventoryOf(options);
  const key = signs ? { signingKey: { kty, crv, x } as Readonly<Record<string, string>> } : {};
  const consumers = inventory.consumers.map((one) => ({ ...one, ...key }));
  const request = { inventory: { ...inventory, consumers }, actor: operator, reason: "a key" };
  await world.ledger.applyInventory(request);
};

const state = async (): Promise<string | undefined> => {
  const found = (await deeds.active())?.state;
  return found?.at === "waiting" && found.for !== "consumers" ? found.for : found?.at;
};

const now = (): number => Math.floor(world.clock.now());

interface Saying {
  readonly type?: StatementType;
  readonly instance?: string;
  readonly version?: number;
  readonly sequence?: number;
  readonly jti?: string;
  readonly iat?: number;
  readonly by?: typeof keys.privateKey;
}

const signed = async ({ type = acknowledgementType, by, iat = now(), ...said }: Saying) => {
  const moved = type === acknowledgementType ? { version: 2, sequence: 2 } : {};
  const shared = { iss: "api", instance: "a", credential: "main", jti: crypto.randomUUID() };
  return await new SignJWT({ ...shared, ...moved, ...said, iat: Math.floor(iat / 1_000) })
    .setProtectedHeader({ alg: "EdDSA", typ: type })
    .sign(by ?? keys.privateKey);
};

const recordOf = (value: Uint8Array, headers = {}): IncomingRecord => ({
  topic: topicNames.moved,
  partition: 0,
  offset: (offset += 1n),
  key: "main",
  headers,
  value,
  appendedAt: now(),
});

const record = async (saying: Saying = {}): Promise<IncomingRecord> => {
  const { type = acknowledgementType } = saying;
  const { value, headers } = encodeCloudEvent(statementEvent({ type, jws: await signed(saying) }));
  return recordOf(value, headers);
};

const take = async (
  records: readonly IncomingRecord[],
  ledger: Ledger = world.ledger,
): Promise<void> => {
  const batch = { topic: topicNames.moved, partition: 0, records };
  const digestOf = (value: Uint8Array): string => String(value.length).padStart(64, "0");
  await takeStatements({ ...world.parts, ledger, now, digestOf }, batch);
};

const outcomes = async () =>
  (await world.ledger.signals({ limit: 100, outcomes: ["refused", "quarantined"] })).map(
    ({ outcome, source, reason }) => [outcome, source, reason],
  );

const drained = async (): Promise<boolean> => {
  await world.settle();
  return (await state()) !== "waiting";
};

test("what a consumer signed ends the drain", async () => {
  await take([await record()]);
  expect(await outcomes()).toEqual([]);
  await world.until(deeds.allClosed);
  expect((await deeds.versions()).map(({ number, life }) => [number, life])).toEqual([
    [1, "revoked"],
    [2, "valid"],
  ]);
});

test("what another one signed is refused, what nobody can read is quarantined, and the rest goes on", async () => {
  const stranger = await generateKeyPair("EdDSA");
  const [forged, garbage] = [
    await record({ by: stranger.privateKey }),
    recordOf(new TextEncoder().encode("hunter2")),
  ];
  await take([forged, garbage]);
  expect(await drained()).toBe(false);
  expect(await outcomes()).toEqual(
    expect.arrayContaining([
      ["refused", "moved", "the signature, the kind or the age does not hold"],
      ["quarantined", "moved", "is not application/cloudevents+json, and there is no ce_ header"],
    ]),
  );
  const told = world.sent.filter(({ topic }) => topic === topicNames.quarantine);
  expect(told).toHaveLength(2);
  expect(told.map(({ value }) => new TextDecoder().decode(value)).join()).not.toContain("hunter2");
  await take([recordOf(new Uint8Array()), await record()]);
  expect(await drained()).toBe(true);
});

test("without a registered key what is said is noted, and ends nothing", async () => {
  await register(false);
  await take([await record()]);
  expect(await outcomes()).toEqual([]);
  expect(await drained()).toBe(false);
  const [consumer] = (await deeds.view()).consumers;
  expect(consumer?.instances).toMatchObject([{ version: 1, counted: true }]);
  await take([await record({ instance: "b" })]);
  const [after] = (await deeds.view()).consumers;
  expect(after?.instances).toContainEqual(
    expect.objectContaining({ instance: "b", version: 2, counted: false }),
  );
});

test("an hour's lag voids nothing, where the topic says when it took the record", async () => {
  const late = await record();
  const { appendedAt: _, ...undated } = await record({ instance: "a" });
  await world.clock.advance(60 * minute);
  await take([undated]);
  expect(await outcomes()).toMatchObject([["refused", "moved", expect.anything()]]);
  expect(await drained()).toBe(false);
  await take([late]);
  expect(await drained()).toBe(true);
});

test.each([
  { old: 26, says: "was too old when it was appended" },
  { old: -11, says: "is of the future" },
])("a statement that $says is refused, however soon it is read", async ({ old }) => {
  await take([await record({ iat: now() - old * minute })]);
  expect(await outcomes()).toHaveLength(1);
  expect(await drained()).toBe(false);
});

test("a topic that is read again from its beginning changes nothing", async () => {
  const said = [
    await record({ version: 1, jti: crypto.randomUUID() }),
    await record({ sequence: 3 }),
    recordOf(new TextEncoder().encode("hunter2")),
    await record({ version: 99, sequence: 4 }),
  ];
  await take(said);
  const before = world.ledger.state();
  const instances = (await deeds.view()).consumers[0]?.instances;
  await world.clock.advance(60 * minute);
  await take(said);
  const after = world.ledger.state();
  expect([...(after.tables.audit?.keys() ?? [])]).toEqual([...(before.tables.audit?.keys() ?? [])]);
  expect(await outcomes()).toHaveLength(2);
  expect((await deeds.view()).consumers[0]?.instances).toEqual(instances);
});

test("a topic that is read again when its tokens are forgotten makes nobody seen again", async () => {
  const said = [
    await record({ version: 1 }),
    await record({ type: heartbeatType, instance: "gone" }),
  ];
  await take(said);
  const instances = (await deeds.view()).consumers[0]?.instances;
  await world.clock.advance(9 * 24 * 60 * minute);
  expect(await world.ledger.forgetTokens()).toBeGreaterThanOrEqual(said.length);
  await take(said);
  expect((await deeds.view()).consumers[0]?.instances).toEqual(instances);
  expect(await outcomes()).toEqual([]);
});

test("after a death in the middle of a batch each record still has one outcome", async () => {
  const said = [
    await record({ instance: "b", version: 1 }),
    await record(),
    recordOf(new Uint8Array()),
  ];
  let passed = 0;
  world.at = (place) => {
    if (place === "statements.after-sight" && (passed += 1) === 1) throw new Died();
  };
  await expect(take(said)).rejects.toBeInstanceOf(Died);
  world.at = () => undefined;
  await take(said);
  expect(await outcomes()).toHaveLength(1);
  const moves = [...(world.ledger.state().tables.audit?.values() ?? [])].filter(
    ({ type, canonical }) => type === "consumer.moved" && canonical.includes('"instance":"b"'),
  );
  expect(moves).toHaveLength(1);
});

test("who runs is known before who moved: one instance's word ends no drain of two", async () => {
  const seen: string[] = [];
  const ledger: Ledger = {
    ...world.ledger,
    sight: async (request) => {
      seen.push(request.instance);
      return await world.ledger.sight(request);
    },
  };
  await take([await record(), await record({ type: heartbeatType, instance: "b" })], ledger);
  expect(seen).toEqual(["b", "a"]);
  expect(await drained()).toBe(false);
  await take([await record({ instance: "b" })]);
  expect(await drained()).toBe(true);
});

test("a ledger that is away loses no record: the batch is rejected, and taken when it comes again", async () => {
  const said = [await record()];
  const away = { ...world.ledger, sight: async () => await Promise.reject(new Died("away")) };
  await expect(take(said, away)).rejects.toThrow("away");
  expect(await drained()).toBe(false);
  await take(said);
  expect(await drained()).toBe(true);
});
