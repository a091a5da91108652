import type { IncomingRecord } from "@rekey/domain";
import { Fault } from "@rekey/domain";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import {
  byKey,
  committedAllBut,
  distinctRecords,
  firstTimes,
  numbered,
  range,
  soon,
  startReader,
} from "./world.suite.ts";
import type { Open, World } from "./world.suite.ts";

export function orderIsKept(open: Open, world: World): void {
  test("records of one key arrive in the order they were appended", async () => {
    const log = await open();
    const topic = await world().newTopic(4);
    const { batches, seen } = await startReader(log, topic, { batchMax: 10 });
    for (let from = 0; from < 300; from += 15) {
      await log.sink.append(range(from, from + 15).map((index) => numbered(topic, index)));
    }
    await vi.waitFor(() => expect(firstTimes(seen)).toHaveLength(300), soon);
    for (const indexes of byKey(batches).values()) {
      expect(indexes).toEqual(indexes.toSorted((left, right) => left - right));
    }
    expect(new Set(seen)).toEqual(new Set(range(0, 300)));
    expect(batches.every((batch) => batch.records.length <= 10)).toBe(true);
  });

  test("a thousand appends at once lose nothing, and offsets have no gap", async () => {
    const topic = await world().newTopic(4);
    const logs = [await open(), await open(), await open(), await open()] as const;
    const { batches, seen } = await startReader(logs[0], topic);
    const appends = logs.flatMap((log, place) =>
      range(0, 250).map((index) => log.sink.append([numbered(topic, index * 4 + place, 97)])),
    );
    await Promise.all(appends);
    await vi.waitFor(() => expect(firstTimes(seen)).toHaveLength(1_000), soon);
    const stored = distinctRecords(batches);
    expect(stored).toHaveLength(1_000);
    for (const partition of range(0, 4)) {
      const records = stored.filter((record) => record.partition === partition);
      expect(records.map((record) => Number(record.offset))).toEqual(range(0, records.length));
    }
  });
}

/** A stall that outlasts the lease may bring something again in one of them; a reader that repeats does so in each. */
const quietTriesMax = 3;

export function quietReadersSeeEachOnce(openSteady: Open, world: World): void {
  test("to a group's only member, while nothing fails, each record comes once and in order", async () => {
    const log = await openSteady();
    const topic = await world().newTopic(3);
    const { subscription, batches } = await startReader(log, topic, { batchMax: 10 });
    const delivered = async (from: number): Promise<IncomingRecord[]> => {
      for (let next = from; next < from + 150; next += 15) {
        await log.sink.append(range(next, next + 15).map((index) => numbered(topic, index)));
      }
      const mine = (): IncomingRecord[] =>
        batches
          .flatMap(({ records }) => records)
          .filter(({ headers }) => Number(headers["index"]) >= from);
      await vi.waitFor(() => expect(new Set(mine().map(placeOf)).size).toBe(150), soon);
      await committedAllBut(0, subscription);
      return mine();
    };
    let records: IncomingRecord[] = [];
    for (let tries = 0; tries < quietTriesMax && records.length !== 150; tries += 1) {
      records = await delivered(tries * 150);
    }
    expect(records).toHaveLength(150);
    for (const partition of range(0, 3)) {
      const offsets = records
        .filter((record) => record.partition === partition)
        .map(({ offset }) => Number(offset));
      expect(offsets).toEqual(range(offsets[0] ?? 0, (offsets[0] ?? 0) + offsets.length));
    }
  });
}

const placeOf = ({ partition, offset }: IncomingRecord): string => `${partition}/${offset}`;

export function recordsArriveWhole(open: Open, world: World): void {
  const text = fc.string({ unit: "grapheme" });
  const outgoing = fc.record({
    key: text,
    headers: fc.dictionary(text, text, { maxKeys: 5 }),
    value: fc.uint8Array({ maxLength: 300 }),
  });

  test("keys, headers and values arrive as they were, whatever bytes they hold", async () => {
    const log = await open();
    const topic = await world().newTopic(2);
    const odd = [
      { key: "", headers: {}, value: new Uint8Array() },
      {
        key: "\u0000 ü 🔑",
        headers: { "": "\u0000", ü: "\n🔑" },
        value: Uint8Array.from(range(0, 256)),
      },
    ];
    const sent = [...odd, ...fc.sample(outgoing, 200)];
    const { batches } = await startReader(log, topic);
    for (const record of sent) await log.sink.append([{ topic, ...record }]);
    const received = () => distinctRecords(batches);
    await vi.waitFor(() => expect(received()).toHaveLength(sent.length), soon);
    const comparable = (record: Omit<IncomingRecord, "offset" | "partition" | "topic">): string =>
      JSON.stringify([
        record.key,
        Object.entries(record.headers).toSorted(([left], [right]) => (left < right ? -1 : 1)),
        Buffer.from(record.value).toString("hex"),
      ]);
    expect(received().map(comparable).toSorted()).toEqual(sent.map(comparable).toSorted());
  });
}

export function appendTimesAreTheLogs(open: Open, world: World): void {
  test("a record says when the log took it, whenever it is read", async () => {
    const log = await open();
    const topic = await world().newTopic(1);
    const before = Date.now();
    await log.sink.append([numbered(topic, 0)]);
    const after = Date.now();
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(after + apartMs), soon);
    const { batches, seen } = await startReader(log, topic, { batchMax: 10 });
    await vi.waitFor(() => expect(firstTimes(seen)).toEqual([0]), soon);
    const { appendedAt = 0 } = batches[0]?.records[0] ?? {};
    expect(appendedAt).toBeGreaterThanOrEqual(before);
    expect(appendedAt).toBeLessThanOrEqual(after);
  });
}

/** Reading is later than appending by so much that one is not taken for the other. */
const apartMs = 50;

export function sizesAreBounded(open: Open, world: World): void {
  test("a record of 1 MiB is carried; a larger one and an unknown topic are refused by code", async () => {
    const log = await open();
    const topic = await world().newTopic(1);
    const { batches } = await startReader(log, topic, { batchMax: 10 });
    const record = (bytes: number, name = topic) => [
      { topic: name, key: "k", headers: {}, value: new Uint8Array(bytes).fill(7) },
    ];
    const tooLarge = await log.sink.append(record(1_200_000)).catch((error: unknown) => error);
    expect(tooLarge).toBeInstanceOf(Fault);
    expect(tooLarge).toMatchObject({ code: "TOPIC_REJECTED", providerCode: "RECORD_TOO_LARGE" });
    await expect(log.sink.append(record(1, "never-declared"))).rejects.toMatchObject({
      code: "TOPIC_REJECTED",
      providerCode: "TOPIC_NOT_DECLARED",
    });
    await log.sink.append(record(1_048_576));
    await vi.waitFor(() => expect(distinctRecords(batches)).toHaveLength(1), soon);
    expect(batches[0]?.records[0]?.value).toHaveLength(1_048_576);
  });
}
