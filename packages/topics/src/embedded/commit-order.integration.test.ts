import { fixedSource, createPool, silentLog, systemClock } from "@rekey/runtime";
import type { Pool, PoolClient } from "pg";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import {
  firstTimes,
  freshName,
  ignoreErrors,
  indexesOf,
  numbered,
  range,
  soon,
} from "../suite/world.suite.ts";
import type { OpenLog } from "../suite/world.suite.ts";
import { appendChunk, toStored } from "./append.ts";
import { declareTopics } from "./declare.ts";
import type { Topic } from "./declare.ts";
import { embeddedWorld } from "./world.suite.ts";
import type { EmbeddedWorld } from "./world.suite.ts";

let world: EmbeddedWorld;
let log: OpenLog;
let writers: Pool;
beforeAll(async () => {
  world = await embeddedWorld();
  log = await world.open();
  const address = fixedSource(world.server.url());
  // Two hundred transactions wait for eight connections: on a busy machine for long.
  const limits = { connectMs: 60_000 };
  writers = await createPool({
    address,
    log: silentLog,
    applicationName: "writers",
    max: 8,
    limits,
  });
});
afterAll(async () => {
  await writers.end();
  await log.close();
  await world.end();
});

/** Appends record `index` inside an open transaction. */
type AppendOne = (client: PoolClient, topic: Topic, index: number) => Promise<void>;

const realAppend: AppendOne = async (client, topic, index) => {
  await appendChunk(client, [
    toStored(new Map([[topic.name, topic]]), numbered(topic.name, index)),
  ]);
};

// The fault the design avoids: offsets from a sequence, whose order is not the order of commits.
const sequenceAppend: AppendOne = async (client, topic, index) => {
  const stored = toStored(new Map([[topic.name, topic]]), numbered(topic.name, index));
  await client.query(
    `insert into rekey_topics.records (topic_id, number, record_offset, key, headers, value)
     values ($1, $2, nextval('planted'), $3, $4, $5)`,
    [topic.id, stored.number, stored.key, stored.headers, stored.value],
  );
};

async function newTopic(): Promise<Topic> {
  const name = await world.newTopic(1);
  const topic = (await declareTopics(world.admin, world.declared())).get(name);
  if (topic === undefined) throw new Error("not a topic of this world");
  return topic;
}

async function read(topic: Topic): Promise<number[]> {
  const seen: number[] = [];
  await log.source.subscribe({
    topics: [topic.name],
    group: freshName("group"),
    batchMax: 50,
    onBatch: async (batch) => void seen.push(...indexesOf(batch)),
    onError: ignoreErrors,
  });
  return seen;
}

/** Once the work is done or its server process, `pid`, waits for a lock: whether it waits. */
async function isBlocked(work: Promise<unknown>, pid: number): Promise<boolean> {
  let isDone = false;
  void work.then(() => (isDone = true));
  await vi.waitFor(async () => {
    const { rows } = await world.admin.query<{ waits: boolean }>(
      "select cardinality(pg_blocking_pids($1)) > 0 as waits",
      [pid],
    );
    expect(isDone || rows[0]?.waits).toBe(true);
  }, soon);
  return !isDone;
}

/** The first writer appends, the second appends and commits if it can, then the first commits. */
async function overtake(topic: Topic, append: AppendOne): Promise<number[]> {
  const seen = await read(topic);
  const [first, second] = [await writers.connect(), await writers.connect()];
  const publish = (): Promise<unknown> =>
    world.admin.query(
      `update rekey_topics.partitions p
       set head = greatest(head, (select coalesce(max(record_offset) + 1, 0)
                                  from rekey_topics.records r where r.topic_id = p.topic_id))
       where topic_id = $1`,
      [topic.id],
    );
  try {
    await first.query("begin");
    await append(first, topic, 0);
    await second.query("begin");
    const { rows } = await second.query<{ pid: number }>("select pg_backend_pid() as pid");
    const overtaking = append(second, topic, 1).then(() => second.query("commit"));
    if (!(await isBlocked(overtaking, rows[0]?.pid ?? 0))) {
      await publish();
      await vi.waitFor(() => expect(firstTimes(seen)).toEqual([1]), soon);
    }
    await first.query("commit");
    await overtaking;
    await publish();
    const marker = await writers.connect();
    await marker.query("begin");
    await append(marker, topic, 2);
    await marker.query("commit");
    marker.release();
    await publish();
    await vi.waitFor(() => expect(seen).toContain(2), soon);
    return firstTimes(seen);
  } finally {
    first.release();
    second.release();
  }
}

test("an append that started earlier and commits later is not overtaken by a reader", async () => {
  expect(await overtake(await newTopic(), realAppend)).toEqual([0, 1, 2]);
});

test("with offsets from a sequence the same interleaving loses the record, and this test sees it", async () => {
  await world.admin.query("create sequence planted minvalue 0 start 0");
  expect(await overtake(await newTopic(), sequenceAppend)).toEqual([1, 2]);
});

test("two hundred transactions with pauses between their statements lose nothing, whoever commits first", async () => {
  const topic = await newTopic();
  const seen = await read(topic);
  const pause = (): Promise<void> => systemClock.sleep(Math.random() * 4);
  const transaction = async (index: number): Promise<void> => {
    const client = await writers.connect();
    try {
      await client.query("begin");
      await pause();
      await realAppend(client, topic, index);
      await pause();
      // Some change their mind: a rolled-back append leaves no gap.
      await client.query(index % 10 === 9 ? "rollback" : "commit");
    } finally {
      client.release();
    }
  };
  await Promise.all(range(0, 200).map(transaction));
  const committed = range(0, 200).filter((index) => index % 10 !== 9);
  await vi.waitFor(() => expect(new Set(seen)).toEqual(new Set(committed)), soon);
  const { rows } = await world.admin.query<{ head: number }>(
    "select head from rekey_topics.partitions where topic_id = $1",
    [topic.id],
  );
  expect(rows[0]?.head).toBe(committed.length);
});
