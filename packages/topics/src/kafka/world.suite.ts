import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog, systemClock } from "@rekey/runtime";
import { freePort, startKafka } from "@rekey/stack";
import type { RunningKafka } from "@rekey/stack";
import { startTcpProxy } from "@rekey/testkit";
import type { TcpProxy } from "@rekey/testkit";
import kafkajs from "kafkajs";
import type { Admin, ITopicConfig } from "kafkajs";
import { expect, vi } from "vitest";
import { soon } from "../suite/world.suite.ts";
import { outsideMember, spawnProgram } from "../suite/outside-member.suite.ts";
import type { BrokenNetwork, OpenLog, TopicsWorld } from "../suite/world.suite.ts";
import { openKafkaTopics } from "./open.ts";
import type { KafkaPace } from "./pace.ts";
import { repairIdleTimer } from "./request-queue.ts";

/** Fast enough to be waited for; a broker's own defaults allow none of it. */
export const shortPace: Partial<KafkaPace> = {
  pollMs: 200,
  sessionMs: 1_500,
  heartbeatMs: 300,
  rebalanceMs: 3_000,
  redeliverMs: 50,
  redeliverMaxMs: 400,
  rebuildMs: 50,
  rebuildMaxMs: 500,
  requestMs: 3_000,
  appendMs: 5_000,
};

const steadyPace = { ...shortPace, sessionMs: 5_000, heartbeatMs: 500, rebalanceMs: 6_000 };

export interface KafkaWorld extends TopicsWorld {
  readonly kafka: RunningKafka;
  readonly admin: Admin;
  /** Stands before the listener that is advertised through it. */
  readonly proxy: TcpProxy;
}

// Topics are named when a log is opened, tests ask for them later: so all are made before.
const sizes = [1, 2, 3, 4, 8, 12];
const topicsPerSize = 10;
const declarations = sizes.flatMap((partitions) =>
  Array.from({ length: topicsPerSize }, (_, place) => ({
    topic: `topic-of-${partitions}-${place}`,
    numPartitions: partitions,
    replicationFactor: 1,
    configEntries: [
      { name: "max.message.bytes", value: String(2 * 1_048_576) },
      { name: "message.timestamp.type", value: "LogAppendTime" },
    ],
  })),
);

/** A broker of its own, as it is killed on the way; a second listener is reached through a proxy. */
export async function kafkaWorld(): Promise<KafkaWorld> {
  const folder = await mkdtemp(join(tmpdir(), "rekey-kafka-"));
  const { kafka, proxy } = await startBroker(folder);
  const admin = await openAdmin(kafka.brokers);
  await createTopics(admin, declarations);
  const unused = [...declarations];
  const children: ChildProcess[] = [];
  return {
    kafka,
    admin,
    proxy,
    steadyLeaseMs: steadyPace.sessionMs,
    newTopic: async (partitions) => {
      const place = unused.findIndex((topic) => topic.numPartitions === partitions);
      const [topic] = place < 0 ? [] : unused.splice(place, 1);
      if (topic === undefined)
        throw new Error("no topic of that size is left: raise topicsPerSize");
      return topic.topic;
    },
    open: async () => openAt(kafka.brokers),
    openSteady: async () => openAt(kafka.brokers, steadyPace),
    openThroughNetwork: async () => openThrough(proxy),
    spawnMember: async (member) => {
      const program = new URL("member.fixture.ts", import.meta.url);
      const child = spawnProgram(program, { ...member, brokers: kafka.brokers, pace: shortPace });
      children.push(child);
      return await outsideMember(child);
    },
    goDown: () => kafka.kill(),
    comeBack: () => kafka.restart(),
    connections: async () =>
      process.getActiveResourcesInfo().filter((kind) => kind === "TCPSocketWrap").length,
    end: async () => {
      for (const child of children) child.kill("SIGKILL");
      await admin.disconnect();
      await proxy.close();
      await kafka.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startBroker(folder: string): Promise<{ kafka: RunningKafka; proxy: TcpProxy }> {
  const [nearPort, farPort] = [await freePort(), await freePort()];
  const proxy = await startTcpProxy({ host: "127.0.0.1", port: farPort });
  const kafka = await startKafka({
    folder,
    listeners: [
      { name: "NEAR", protocol: "PLAINTEXT", port: nearPort },
      { name: "FAR", protocol: "PLAINTEXT", port: farPort },
    ],
    settings: {
      "advertised.listeners": `NEAR://127.0.0.1:${nearPort},FAR://127.0.0.1:${proxy.port}`,
      "group.min.session.timeout.ms": "500",
      "offsets.topic.num.partitions": "2",
    },
  });
  return { kafka, proxy };
}

const openThrough = (proxy: TcpProxy): OpenLog & BrokenNetwork => ({
  ...openAt([`127.0.0.1:${proxy.port}`]),
  cut: () => proxy.set({ kind: "black-hole" }),
  loseAnswers: () => proxy.set({ kind: "cut", afterBytes: 0, to: "client" }),
  heal: () => {
    proxy.reset();
    proxy.set({ kind: "none" });
  },
});

const openAt = (brokers: readonly string[], pace = shortPace): OpenLog =>
  openKafkaTopics({
    brokers,
    clientId: "rekey-test",
    log: silentLog,
    clock: systemClock,
    topics: declarations.map(({ topic }) => topic),
    pace,
  });

export async function openAdmin(brokers: readonly string[]): Promise<Admin> {
  repairIdleTimer();
  const logLevel = kafkajs.logLevel.NOTHING;
  const admin = new kafkajs.Kafka({ brokers: [...brokers], logLevel }).admin();
  await admin.connect();
  return admin;
}

/** Resolves when the brokers know them too, and lead what they are to lead, a moment after the controller made them. */
export async function createTopics(admin: Admin, topics: readonly ITopicConfig[]): Promise<void> {
  await admin.createTopics({ topics: [...topics], waitForLeaders: false });
  const wanted = topics.map(({ topic }) => topic);
  await vi.waitFor(async () => {
    expect(await admin.listTopics()).toEqual(expect.arrayContaining(wanted));
    // Only who leads a partition answers this for it; until then an append to it is refused.
    await Promise.all(wanted.map(async (topic) => await admin.fetchTopicOffsets(topic)));
  }, soon);
}
