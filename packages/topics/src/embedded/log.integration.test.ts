import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { fixedSource, silentLog, systemClock } from "@rekey/runtime";
import { leastMs, msOf } from "@rekey/testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import {
  committedAllBut,
  firstTimes,
  freshName,
  ignoreErrors,
  numbered,
  passes,
  range,
  soon,
  startReader,
  waitingHandler,
} from "../suite/world.suite.ts";
import type { OpenLog, Reader } from "../suite/world.suite.ts";
import { appendChunk, toStored } from "./append.ts";
import { declareTopics } from "./declare.ts";
import type { Topic } from "./declare.ts";
import { migrateEmbeddedTopics } from "./migrate.ts";
import { openEmbeddedTopics } from "./open.ts";
import { trimTopic } from "./trim.ts";
import { embeddedWorld } from "./world.suite.ts";
import type { EmbeddedWorld } from "./world.suite.ts";

let world: EmbeddedWorld;
let log: OpenLog;
beforeAll(async () => {
  world = await embeddedWorld();
  log = await world.open();
});
afterAll(async () => {
  await log.close();
  await world.end();
});

const lagOf = async ({ subscription }: Reader): Promise<number> =>
  (await subscription.health()).lag;

async function declared(name: string): Promise<Topic> {
  const topics = await declareTopics(world.admin, world.declared());
  const topic = topics.get(name);
  if (topic === undefined) throw new Error("not a topic of this world");
  return topic;
}

test("a record that no hint announced is found by the next poll", async () => {
  const topic = await declared(await world.newTopic(2));
  const reader = await startReader(log, topic.name);
  const { seen } = reader;
  await log.sink.append([numbered(topic.name, 0)]);
  await vi.waitFor(() => expect(seen).toContain(0), soon);
  let last = 0;
  const foundAfterMs = async (): Promise<number> => {
    await vi.waitFor(async () => expect(await lagOf(reader)).toBe(0), soon);
    // The look that follows a commit is over.
    await passes(200);
    last += 1;
    const stored = toStored(new Map([[topic.name, topic]]), numbered(topic.name, last));
    await appendChunk(world.admin, [stored]);
    return await msOf(() => vi.waitFor(() => expect(seen).toContain(last), soon));
  };
  // The first one may be found because the reader begins to hear hints just then.
  await foundAfterMs();
  expect(await leastMs(1_500, foundAfterMs)).toBeLessThan(1_500);
});

test("where nobody else reads, what a killed process held is free at once", async () => {
  const name = await world.newTopic(1);
  const long = { pollMs: 200, beatMs: 200, leaseMs: 60_000 };
  const open = (alone: boolean) =>
    openEmbeddedTopics({
      connection: fixedSource(world.server.url()),
      log: silentLog,
      clock: systemClock,
      topics: [{ name, partitions: 1 }],
      alone,
      pace: long,
    });
  const group = freshName("group");
  await world.admin.query(
    `insert into rekey_topics.claims (consumer_group, topic_id, number, holder, hold_until)
     select $1, id, 0, gen_random_uuid(), now() + interval '1 hour' from rekey_topics.topics where name = $2`,
    [group, name],
  );
  const opened = await open(true);
  const { seen } = await startReader(opened, name, { group, batchMax: 1 });
  await opened.sink.append([numbered(name, 0)]);
  await vi.waitFor(() => expect(seen).toContain(0), soon);
  await opened.close();
});

test("a hint wakes readers in this process and in others long before their poll", async () => {
  const name = await world.newTopic(2);
  const slow = { pollMs: 30_000, beatMs: 10_000, leaseMs: 30_000 };
  const openSlow = () =>
    openEmbeddedTopics({
      connection: fixedSource(world.server.url()),
      log: silentLog,
      clock: systemClock,
      topics: [{ name, partitions: 2 }],
      pace: slow,
    });
  const [own, other] = [await openSlow(), await openSlow()];
  const readers = [await startReader(own, name), await startReader(other, name)];
  const read = async (index: number): Promise<void> => {
    await own.sink.append([numbered(name, index)]);
    await vi.waitFor(() => {
      for (const { seen } of readers) expect(seen).toContain(index);
    }, slow.pollMs);
  };
  await read(0);
  let last = 0;
  // Several, as one may be found because a reader begins to hear hints just then.
  const wokenAfterMs = (): Promise<number> =>
    msOf(async () => {
      for (let records = 0; records < 3; records += 1) await read((last += 1));
    });
  expect(await leastMs(1_000, wokenAfterMs)).toBeLessThan(1_000);
  await Promise.all([own.close(), other.close()]);
});

test("a running batch keeps its partition for several leases, though another member should have it", async () => {
  const topic = await world.newTopic(4);
  const group = freshName("group");
  const { onBatch, started, seen, letGo } = waitingHandler();
  const request = { topics: [topic], group, batchMax: 10, onBatch, onError: ignoreErrors };
  const steady = await world.openSteady();
  await steady.sink.append(range(0, 40).map((index) => numbered(topic, index, 40)));
  const member = await steady.source.subscribe(request);
  await vi.waitFor(() => expect(started()).toBe(4), soon);
  await steady.source.subscribe(request);
  await passes(world.steadyLeaseMs * 2.2);
  expect(started()).toBe(4);
  letGo();
  await committedAllBut(0, member);
  expect(seen.toSorted((left, right) => left - right)).toEqual(range(0, 40));
  await steady.close();
});

test("trimming removes what is old and committed by every group, and nothing else", async () => {
  const topic = await declared(await world.newTopic(1));
  const reader = await startReader(log, topic.name);
  await log.sink.append(range(0, 20).map((index) => numbered(topic.name, index)));
  await vi.waitFor(async () => expect(await lagOf(reader)).toBe(0), soon);
  const kept = async (): Promise<number> => {
    const rows = await world.admin.query("select 1 from rekey_topics.records where topic_id = $1", [
      topic.id,
    ]);
    return rows.rowCount ?? -1;
  };
  await trimTopic(world.admin, topic);
  expect(await kept()).toBe(20);
  await world.admin.query(
    `update rekey_topics.records set appended_at = now() - interval '8 days'
     where topic_id = $1 and record_offset < 15`,
    [topic.id],
  );
  await world.admin.query(
    "insert into rekey_topics.claims (consumer_group, topic_id, number, committed) values ('slow', $1, 0, 10)",
    [topic.id],
  );
  await trimTopic(world.admin, topic);
  expect(await kept()).toBe(10);
  const late = await startReader(log, topic.name);
  await vi.waitFor(() => expect(firstTimes(late.seen)).toEqual(range(10, 20)), soon);
  await vi.waitFor(async () => expect(await lagOf(late)).toBe(0), soon);
});

test("many processes migrate at once and again, and records stay", async () => {
  const topic = await world.newTopic(1);
  await log.sink.append([numbered(topic, 0)]);
  const connection = fixedSource(world.server.url());
  await Promise.all(range(0, 4).map(() => migrateEmbeddedTopics({ connection, log: silentLog })));
  const { seen } = await startReader(log, topic);
  await vi.waitFor(() => expect(firstTimes(seen)).toEqual([0]), soon);
});

test("another number of partitions is refused, as it would break the order per key", async () => {
  const name = await world.newTopic(4);
  const opening = openEmbeddedTopics({
    connection: fixedSource(world.server.url()),
    log: silentLog,
    clock: systemClock,
    topics: [{ name, partitions: 5 }],
  });
  await expect(opening).rejects.toMatchObject({
    code: "TOPIC_REJECTED",
    providerCode: "PARTITIONS_CHANGED",
  });
});

test("a database that was not migrated is refused, and nothing stays open", async () => {
  await world.admin.query("create database not_migrated");
  const opening = openEmbeddedTopics({
    connection: fixedSource(world.server.url("not_migrated")),
    log: silentLog,
    clock: systemClock,
    topics: [{ name: "any" }],
  });
  await expect(opening).rejects.toMatchObject({
    code: "TOPIC_REJECTED",
    providerCode: "NOT_MIGRATED",
  });
  // Fails while somebody is connected.
  await vi.waitFor(() => world.admin.query("drop database if exists not_migrated"), soon);
});

test("a process that closed its log ends by itself: no timer and no connection is left", async () => {
  const topic = await world.newTopic(2);
  const fixture = fileURLToPath(new URL("closing.fixture.ts", import.meta.url));
  const argument = JSON.stringify({ url: world.server.url(), topic, partitions: 2 });
  const endingMs = async (): Promise<number> => {
    const child = spawn(process.execPath, [fixture, argument], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(child, "exit");
    await once(child.stdout, "data");
    const afterMs = await msOf(() => exited);
    expect(child.exitCode).toBe(0);
    return afterMs;
  };
  expect(await leastMs(1_000, endingMs)).toBeLessThan(1_000);
});
