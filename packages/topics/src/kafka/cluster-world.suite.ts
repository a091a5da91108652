import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventSink, EventSource, OutgoingRecord } from "@rekey/domain";
import { silentLog, systemClock } from "@rekey/runtime";
import { startKafkaCluster } from "@rekey/stack";
import type { RunningKafkaCluster } from "@rekey/stack";
import type { Admin } from "kafkajs";
import { expect, vi } from "vitest";
import { openKafkaTopics } from "./open.ts";
import type { KafkaTopics } from "./open.ts";
import { openAdmin } from "./world.suite.ts";

/** Three brokers as production has them, at the pace of a deployment. */
export interface ClusterWorld {
  readonly cluster: RunningKafkaCluster;
  open(topics: readonly string[]): KafkaTopics;
  /** The node that leads it now. */
  leaderOf(topic: string, partition: number): Promise<number>;
  /** Resolves when every copy of every partition has caught up. */
  allInSync(topic: string): Promise<void>;
  ask<Answer>(question: (admin: Admin) => Promise<Answer>): Promise<Answer>;
  end(): Promise<void>;
}

/** Starts, elections and catching up, on a machine that is busy with other things. */
export const within = { timeout: 60_000, interval: 100 };

export async function clusterWorld(): Promise<ClusterWorld> {
  const folder = await mkdtemp(join(tmpdir(), "rekey-kafka-cluster-"));
  const cluster = await startKafkaCluster({ folder, brokers: 3 });
  const opened: KafkaTopics[] = [];
  const ask: ClusterWorld["ask"] = async (question) => {
    const admin = await openAdmin(cluster.brokers);
    try {
      return await question(admin);
    } finally {
      await admin.disconnect();
    }
  };
  const partitionsOf = async (topic: string) =>
    await ask(async (admin) => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return topics[0]?.partitions ?? [];
    });
  return {
    cluster,
    ask,
    open: (topics) => {
      const clientId = `rekey-test-${opened.length}`;
      const parts = { brokers: cluster.brokers, clientId, clock: systemClock, log: silentLog };
      const log = openKafkaTopics({ ...parts, topics });
      opened.push(log);
      return log;
    },
    leaderOf: async (topic, partition) => {
      const found = (await partitionsOf(topic)).find(
        ({ partitionId }) => partitionId === partition,
      );
      return found?.leader ?? -1;
    },
    allInSync: async (topic) =>
      await vi.waitFor(async () => {
        const copies = (await partitionsOf(topic)).map(({ isr }) => isr.length);
        expect(copies).toEqual(copies.map(() => 3));
      }, within),
    end: async () => {
      await Promise.all(opened.map((log) => log.close()));
      await cluster.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What a writer may say of itself. */
export interface Writer {
  /** The highest number that was acknowledged, of each key; all before it were too. */
  readonly acknowledged: ReadonlyMap<string, number>;
  readonly faults: readonly unknown[];
  /** Appends that resolved. */
  appends(): number;
  /** The longest time from one that resolved to the next, since `since` was called. */
  longestMs(): number;
  since(): void;
  stop(): Promise<void>;
}

const keysPerWriter = 24;

/** Appends as the relay does: the next records only after the last ones, and the same again until they are stored. */
export function startWriter(sink: EventSink, topic: string, name: string): Writer {
  const acknowledged = new Map<string, number>();
  const faults: unknown[] = [];
  const state = { stopping: false, appends: 0, longestMs: 0, lastMs: performance.now() };
  const looping = (async (): Promise<void> => {
    for (let number = 0; !state.stopping; number += 1) {
      const records = recordsOf(topic, name, number);
      while (!(await isStored(sink, records, faults)));
      for (const { key } of records) acknowledged.set(key, number);
      state.appends += 1;
      state.longestMs = Math.max(state.longestMs, performance.now() - state.lastMs);
      state.lastMs = performance.now();
    }
  })();
  return {
    acknowledged,
    faults,
    appends: () => state.appends,
    longestMs: () => state.longestMs,
    since: () => Object.assign(state, { longestMs: 0, lastMs: performance.now() }),
    stop: async () => {
      state.stopping = true;
      await looping;
    },
  };
}

const recordsOf = (topic: string, name: string, number: number): OutgoingRecord[] =>
  Array.from({ length: keysPerWriter }, (_, place) => ({
    topic,
    key: `${name}-${place}`,
    headers: { number: String(number) },
    value: Buffer.from(`${name} ${number}`),
  }));

const isStored = async (
  sink: EventSink,
  records: readonly OutgoingRecord[],
  faults: unknown[],
): Promise<boolean> =>
  await sink.append(records).then(
    () => true,
    (error: unknown) => {
      faults.push(error);
      return false;
    },
  );

/** What a group was given, by key, in the order it came. */
export interface Reader {
  readonly seen: ReadonlyMap<string, readonly number[]>;
  readonly faults: readonly unknown[];
  stop(): Promise<void>;
}

export async function startReader(
  source: EventSource,
  topic: string,
  group: string,
): Promise<Reader> {
  const seen = new Map<string, number[]>();
  const faults: unknown[] = [];
  const subscription = await source.subscribe({
    topics: [topic],
    group,
    batchMax: 500,
    onBatch: async ({ records }) => {
      for (const { key, headers } of records) {
        const numbers = seen.get(key) ?? [];
        numbers.push(Number(headers["number"]));
        seen.set(key, numbers);
      }
    },
    onError: (error) => void faults.push(error),
  });
  return { seen, faults, stop: () => subscription.stop() };
}

/** What the records of one key prove: `repeated` may be, the others must not. */
export interface Verdict {
  readonly lost: number;
  readonly outOfOrder: number;
  readonly repeated: number;
}

/** Of everything that was acknowledged. A record that comes again counts where it came first. */
export function verdictOn(reader: Reader, writers: readonly Writer[]): Verdict {
  const verdict = { lost: 0, outOfOrder: 0, repeated: 0 };
  for (const [key, last] of writers.flatMap(({ acknowledged }) => [...acknowledged])) {
    const numbers = reader.seen.get(key) ?? [];
    const first = [...new Set(numbers)];
    const wanted = Array.from({ length: last + 1 }, (_, number) => number);
    verdict.lost += wanted.filter((number) => !first.includes(number)).length;
    verdict.outOfOrder += first.filter((number, at) => number < (first[at - 1] ?? -1)).length;
    verdict.repeated += numbers.length - first.length;
  }
  return verdict;
}
