import type { Fault } from "@rekey/domain";
import { silentLog, systemClock } from "@rekey/runtime";
import { describeStack } from "@rekey/stack/vitest";
import kafkajs from "kafkajs";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { applyTopics } from "./apply-topics.ts";
import {
  clusterWorld,
  startReader,
  startWriter,
  verdictOn,
  within,
} from "./cluster-world.suite.ts";
import type { ClusterWorld, Reader, Writer } from "./cluster-world.suite.ts";
import { topicsJudgements } from "./judge-topics.ts";
import { kafkaOptions } from "./kafka-options.ts";
import type { TopicsPlan } from "./plan-topics.ts";
import { createTopics } from "./world.suite.ts";
import { wantedTopics } from "./wanted-topics.ts";

const topic = "rekey.in.api";
const startMs = 120_000;
const storyMs = 180_000;
const writersMax = 3;
let world: ClusterWorld;
let writers: Writer[] = [];
let reader: Reader;

/** The topics as a file without a word on them has them. */
const apply = async (): Promise<TopicsPlan> => {
  const { brokers } = world.cluster;
  const { auditRetentionMs = -1, ...wish } = kafkaOptions.parse({ brokers: [...brokers] }).topics;
  return await applyTopics({
    connection: { brokers, clientId: "rekey-test", log: silentLog },
    clock: systemClock,
    wanted: wantedTopics({ ...wish, auditRetentionMs, incoming: [] }),
    check: false,
  });
};

describeStack(["kafka"], "the log on three brokers", () => {
  beforeAll(async () => {
    world = await clusterWorld();
  }, startMs);
  afterAll(() => world?.end());
  afterEach(async () => {
    await Promise.all(writers.map((writer) => writer.stop()));
  });
  settings();
  leaders();
  tooFew();
});

function settings(): void {
  test("the topics of production have twelve partitions, three copies and two in sync; again changes nothing", async () => {
    const made = await apply();
    expect(made.create.map(({ name }) => name)).toContain(topic);
    expect(await apply()).toEqual({ create: [], change: [], leave: [], weak: [] });
    const names = made.create.map(({ name }) => name);
    const { topics } = await world.ask((admin) => admin.fetchTopicMetadata({ topics: names }));
    const shapes = topics.map(({ partitions }) =>
      partitions.map(({ replicas }) => replicas.length),
    );
    expect(shapes).toEqual(names.map(() => Array(12).fill(3)));
    const resources = names.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name }));
    const asked = { includeSynonyms: false, resources };
    const found = await world.ask((admin) => admin.describeConfigs(asked));
    const insync = found.resources.map(
      ({ configEntries }) =>
        configEntries.find(({ configName }) => configName === "min.insync.replicas")?.configValue,
    );
    expect(insync).toEqual(names.map(() => "2"));
  });

  test("a topic with fewer copies than it could have is told of, and works", async () => {
    const made = { topic: "lonely", numPartitions: 1, replicationFactor: 1 };
    await world.ask((admin) => createTopics(admin, [made]));
    const { brokers } = world.cluster;
    const judged = async (...topics: readonly string[]) =>
      await topicsJudgements({
        connection: { brokers, clientId: "rekey-test", log: silentLog },
        clock: systemClock,
        topics,
      });
    // A broker that a busy machine answers late says nothing of its topics.
    await vi.waitFor(async () => {
      expect(await judged(topic)).toMatchObject([{ ok: true, found: "3 copies, 2 in sync" }]);
      const [few, ...others] = await judged(topic, made.topic);
      expect(few).toMatchObject({ ok: true, found: "1 copy on 3 brokers: lonely" });
      expect(few?.next).toMatch(/^give it 3 copies/);
      expect(others).toEqual([]);
    }, within);
  });
}

function leaders(): void {
  test(
    "nothing that was acknowledged is lost, and each key keeps its order, when a leader is killed",
    async () => {
      await startTraffic("kill");
      const victim = await world.leaderOf(topic, 0);
      await world.cluster.node(victim).kill();
      const reportedMs = await report();
      await oneMoreRound(60);
      const outageMs = longestMs();
      await world.cluster.node(victim).restart();
      await world.allInSync(topic);
      await oneMoreRound(20);
      await expectAllRead({ outageMs, reportedMs });
    },
    storyMs,
  );
}

function tooFew(): void {
  test(
    "what too few brokers could keep is refused by name, and stored in order once there are enough",
    async () => {
      const [dead, stopped] = [world.cluster.node(1), world.cluster.node(2)];
      const strict = await strictTopic();
      await startTraffic("few");
      await dead.kill();
      await vi.waitFor(async () => {
        const refused = { code: "TOPICS_UNREACHABLE", providerCode: "NOT_ENOUGH_REPLICAS" };
        await expect(strict.append()).rejects.toMatchObject(refused);
      }, within);
      await oneMoreRound(5);
      stopped.pause();
      await vi
        .waitFor(() => expect(faultsOf(writers)).not.toEqual([]), within)
        .finally(() => stopped.resume());
      await oneMoreRound(20);
      const outageMs = longestMs();
      await dead.restart();
      await world.allInSync(topic);
      await vi.waitFor(strict.append, within);
      await expectAllRead({ outageMs });
    },
    storyMs,
  );
}

/** All three copies must have a record: with one broker less nothing is stored. */
const strictTopic = async () => {
  const name = "strict";
  const configEntries = [{ name: "min.insync.replicas", value: "3" }];
  const made = { topic: name, numPartitions: 1, replicationFactor: 3, configEntries };
  await world.ask((admin) => createTopics(admin, [made]));
  await world.allInSync(name);
  const { sink } = world.open([name]);
  return {
    append: () => sink.append([{ topic: name, key: "k", headers: {}, value: Buffer.from("v") }]),
  };
};

/** Milliseconds from a record of somebody else to its reader. */
const report = async (): Promise<number> => {
  const beganMs = performance.now();
  const { sink } = world.open([topic]);
  const record = { topic, key: "leak", headers: { number: "0" }, value: Buffer.from("leak") };
  await vi.waitFor(() => sink.append([record]), within);
  await vi.waitFor(() => expect(reader.seen.get("leak")).toBeDefined(), within);
  return Math.round(performance.now() - beganMs);
};

const faultsOf = (all: readonly Writer[]): readonly unknown[] =>
  all.flatMap(({ faults }) => faults);

const startTraffic = async (name: string): Promise<void> => {
  reader = await startReader(world.open([topic]).source, topic, `group-${name}`);
  writers = Array.from({ length: writersMax }, (_, place) =>
    startWriter(world.open([topic]).sink, topic, `${name}-${place}`),
  );
  await oneMoreRound(20);
  longestMs();
};

/** Each writer has stored so many more appends. */
const oneMoreRound = async (appends: number): Promise<void> => {
  const wanted = writers.map((writer) => writer.appends() + appends);
  await vi.waitFor(() => {
    for (const [at, writer] of writers.entries())
      expect(writer.appends()).toBeGreaterThanOrEqual(wanted[at] ?? 0);
  }, within);
};

/** The longest that an append took since the last time this was asked. */
const longestMs = (): number => {
  const longest = Math.round(Math.max(...writers.map((writer) => writer.longestMs())));
  for (const writer of writers) writer.since();
  return longest;
};

const expectAllRead = async (seen: Readonly<Record<string, number>>): Promise<void> => {
  await Promise.all(writers.map((writer) => writer.stop()));
  for (const fault of faultsOf(writers))
    expect(fault).toMatchObject({ code: "TOPICS_UNREACHABLE" });
  const kept = { lost: 0, outOfOrder: 0 };
  await vi
    .waitFor(() => expect(verdictOn(reader, writers)).toMatchObject(kept), {
      ...within,
      timeout: 30_000,
    })
    .finally(() => tell({ ...seen, ...verdictOn(reader, writers) }));
  await reader.stop();
};

const codesOf = (faults: readonly unknown[]): string =>
  JSON.stringify(
    Object.fromEntries(
      [...Map.groupBy(faults, (fault) => (fault as Fault).providerCode ?? "none")].map(
        ([code, all]) => [code, all.length],
      ),
    ),
  );

/** Figures of this run, for who reads its output. */
const tell = (figures: Readonly<Record<string, number>>): void => {
  const appends = writers.reduce((sum, writer) => sum + writer.appends(), 0);
  const writing = codesOf(faultsOf(writers));
  const said = JSON.stringify({ ...figures, appends });
  process.stdout.write(`${said} writing ${writing} reading ${codesOf(reader.faults)}\n`);
};
