import { describeStack } from "@rekey/stack/vitest";
import { eventually } from "@rekey/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { brokersOf, type Brokers } from "./brokers.fixture.ts";
import { expectAuditComplete } from "./kafka-audit.fixture.ts";
import { crowd, paymentsDb, type StackCredential } from "./inventory.fixture.ts";
import { cloudEvent } from "./kafka.fixture.ts";
import { nativeReport } from "./scanner.fixture.ts";
import { expectContained, expectDead, onlyVersion, versionsAt } from "./stories.fixture.ts";
import { watchUntilRefused } from "./stories.fixture.ts";
import { startTraffic, type Traffic } from "./traffic.fixture.ts";
import { openWorld, type World } from "./world.fixture.ts";

const startMs = 240_000;
const storyMs = 480_000;
const settledMs = 120_000;
const topic = "rekey.in.push";
const group = `rekey-intake.${topic}`;
const [single, ...leaking] = crowd(3);
const all: readonly StackCredential[] = [paymentsDb, ...crowd(3)];
/** A drain waits for whoever moved, also on a slow machine; so many leaks in a minute are meant. */
const rules = { grace: "30 m", breaker: { kills: 1_000, containments: 1_000 } };

describeStack(["kafka", "redis", "vault"], "three brokers, three copies, two in sync", () => {
  let world: World;
  let brokers: Brokers;
  let pids: readonly number[];
  let traffic: Traffic | undefined;
  beforeAll(async () => {
    world = await openWorld({ credentials: all, brokers: 3, replicas: 1, rules });
    brokers = brokersOf(world);
    await brokers.inSync();
    pids = world.installation.services.map(({ pid }) => pid);
  }, startMs);
  afterAll(async () => {
    // What went wrong in it was told by a test.
    await traffic?.stop().catch(() => undefined);
    await world?.close();
  });

  test(
    "each broker is restarted in turn: leaks are contained and moves are heard of the whole time",
    async () => {
      traffic = await startTraffic(world, leaking);
      await rollThrough(brokers, traffic);
    },
    storyMs,
  );

  test(
    "the leader of a leak's partition is killed as the leak is published, and nobody helps",
    async () => await killLeader(world, brokers),
    storyMs,
  );

  test(
    "nothing was lost, nothing was done twice, no process ended, and the audit is whole",
    async () => {
      await traffic?.stop();
      await expectNothingLost(world, traffic);
      for (const credential of all) await expectNothingDoubled(world, credential);
      const { services } = world.installation;
      expect(services.filter((one) => one.hasEnded()).map(({ kind }) => kind)).toEqual([]);
      expect(services.map(({ pid }) => pid)).toEqual(pids);
      await expectAuditComplete(world);
    },
    storyMs,
  );
});

/** As an operator does it: the next one only when every copy is there again. */
const rollThrough = async (brokers: Brokers, traffic: Traffic): Promise<void> => {
  await traffic.everyoneOnceMore();
  for (const node of brokers.nodes) {
    await node.stop();
    await traffic.everyoneOnceMore();
    await node.restart();
    await brokers.inSync();
  }
  await traffic.everyoneOnceMore();
};

const killLeader = async (world: World, brokers: Brokers): Promise<void> => {
  const { acts, kafka } = world;
  if (single === undefined) throw new TypeError("nobody is there");
  const old = await acts.value(single);
  const about = `${single.id}#${old.version}`;
  const since = Date.now();
  const { partition, leader } = await brokers.ledTogether(topic, group);
  const witness = watchUntilRefused(world, old);
  await leader.kill();
  const killed = Date.now();
  const value = nativeReport(about, 0);
  await kafka.produce(topic, [{ key: single.id, partition, value }], cloudEvent);
  const published = Date.now();
  const seen = await witness;
  const detail = await acts.closed({ kind: "incident", about, since }, settledMs);
  expectContained({ credential: single, old, detail }, seen);
  await expectDead(world, old, await acts.valueOf(single, old.version + 1));
  const told = { publishedMs: published - killed, refusedMs: seen.firstRefused - killed };
  process.stdout.write(`${JSON.stringify(told)} after the leader was killed\n`);
  await leader.restart();
  await brokers.inSync();
};

/** What was acknowledged has an outcome, and of each leak there is one case. */
const expectNothingLost = async (world: World, traffic: Traffic | undefined): Promise<void> => {
  const { acts } = world;
  const { ids = [], leaks = [], moves = 0 } = traffic ?? {};
  await eventually(
    async () => {
      const known = new Set((await acts.signals()).map(({ eventId }) => eventId));
      expect(ids.filter((id) => !known.has(id))).toEqual([]);
    },
    { withinMs: settledMs, everyMs: 250 },
  );
  await acts.settled(settledMs);
  const abouts = (await acts.cases()).map(({ about }) => about);
  for (const leak of leaks) expect(abouts.filter((about) => about === leak)).toEqual([leak]);
  process.stdout.write(`${ids.length} reports, ${leaks.length} leaks, ${moves} moves\n`);
};

/** By the server's own list and log, and by the readers' document. */
const expectNothingDoubled = async (world: World, credential: StackCredential): Promise<void> => {
  const { version } = await world.acts.value(credential);
  expect(await versionsAt(world, credential)).toEqual(onlyVersion(credential, version));
  for (let number = 1; number <= version; number += 1)
    expect(world.target.timesCreated(`rekey_${credential.id}_${number}`)).toBe(1);
};
