import type { IncomingBatch } from "@rekey/domain";
import { expect, test, vi } from "vitest";
import {
  distinctRecords,
  firstTimes,
  freshName,
  gate,
  ignoreErrors,
  indexesOf,
  numbered,
  range,
  soon,
  startReader,
} from "./world.suite.ts";
import type { Open, World } from "./world.suite.ts";

export function rejectedBatchesComeAgain(open: Open, world: World): void {
  test("a rejected batch comes again and nothing is skipped; other partitions go on meanwhile", async () => {
    const log = await open();
    const topic = await world().newTopic(3);
    const accepted: IncomingBatch[] = [];
    const rejected: IncomingBatch[] = [];
    const errors: unknown[] = [];
    const heal = { healthy: false };
    await log.source.subscribe({
      topics: [topic],
      group: freshName("group"),
      batchMax: 5,
      onBatch: async (batch) => {
        if (batch.partition === 0 && !heal.healthy) {
          rejected.push(batch);
          throw new Error("not now");
        }
        accepted.push(batch);
      },
      onError: (error) => void errors.push(error),
    });
    const records = range(0, 120).map((index) => numbered(topic, index, 40));
    await log.sink.append(records);
    await vi.waitFor(() => {
      expect(rejected.length).toBeGreaterThanOrEqual(3);
      const healthy = new Set(accepted.map((batch) => batch.partition));
      expect(healthy).toEqual(new Set([1, 2]));
      expect(errors.length).toBeGreaterThanOrEqual(3);
    }, soon);
    expect(new Set(rejected.map((batch) => batch.records[0]?.offset))).toEqual(new Set([0n]));
    heal.healthy = true;
    await vi.waitFor(() => expect(distinctRecords(accepted)).toHaveLength(120), soon);
    const offsets = distinctRecords(accepted).flatMap(({ partition, offset }) =>
      partition === 0 ? [Number(offset)] : [],
    );
    expect(offsets).toEqual(range(0, offsets.length));
  });
}

export function poisonDoesNotStopAPartition(open: Open, world: World): void {
  test("a record that its handler rejects and then puts aside holds its partition up no longer", async () => {
    const log = await open();
    const topic = await world().newTopic(1);
    const seen: number[] = [];
    let rejections = 0;
    const subscription = await log.source.subscribe({
      topics: [topic],
      group: freshName("group"),
      batchMax: 1,
      onBatch: async (batch) => {
        if (indexesOf(batch)[0] === 3 && rejections < 3) {
          rejections += 1;
          throw new Error("cannot be read");
        }
        seen.push(...indexesOf(batch));
      },
      onError: ignoreErrors,
    });
    await log.sink.append(range(0, 10).map((index) => numbered(topic, index)));
    await vi.waitFor(() => expect(firstTimes(seen)).toEqual(range(0, 10)), soon);
    expect(rejections).toBe(3);
    await vi.waitFor(async () => expect((await subscription.health()).lag).toBe(0), soon);
  });

  test("a partition whose handler is stuck delays no other of its subscription", async () => {
    const log = await open();
    const topic = await world().newTopic(3);
    const hold = gate();
    const seen: number[] = [];
    const stuck: number[] = [];
    await log.source.subscribe({
      topics: [topic],
      group: freshName("group"),
      batchMax: 5,
      onBatch: async (batch) => {
        if (batch.partition === 0) {
          stuck.push(...indexesOf(batch));
          await hold.opened;
        } else seen.push(...indexesOf(batch));
      },
      onError: ignoreErrors,
    });
    let appended = 0;
    const more = async (): Promise<void> => {
      const records = range(appended, appended + 60).map((index) => numbered(topic, index, 40));
      appended += 60;
      await log.sink.append(records);
    };
    await more();
    await vi.waitFor(() => expect(stuck.length).toBeGreaterThan(0), soon);
    // Both others go on, and on, while the first waits.
    for (const least of [20, 40, 60]) {
      await vi.waitFor(() => expect(seen.length).toBeGreaterThan(least), soon);
      await more();
    }
    hold.open();
    await vi.waitFor(() => expect(new Set([...seen, ...stuck]).size).toBe(appended), soon);
  });
}

export function offsetsFollowHandlers(open: Open, world: World): void {
  test("the offset moves only after the handler resolved", async () => {
    const log = await open();
    const topic = await world().newTopic(1);
    const hold = gate();
    let started = 0;
    const subscription = await log.source.subscribe({
      topics: [topic],
      group: freshName("group"),
      batchMax: 100,
      onBatch: async () => {
        started += 1;
        await hold.opened;
      },
      onError: ignoreErrors,
    });
    await log.sink.append(range(0, 10).map((index) => numbered(topic, index)));
    await vi.waitFor(() => expect(started).toBeGreaterThan(0), soon);
    await vi.waitFor(async () => expect((await subscription.health()).lag).toBe(10), soon);
    hold.open();
    await vi.waitFor(async () => expect((await subscription.health()).lag).toBe(0), soon);
  });

  test("a new subscription of a group goes on where the group was", async () => {
    const log = await open();
    const topic = await world().newTopic(2);
    const group = freshName("group");
    for (const from of [0, 20, 40]) {
      const added = range(from, from + 20);
      await log.sink.append(added.map((index) => numbered(topic, index)));
      const { seen, subscription } = await startReader(log, topic, { group, batchMax: 100 });
      // What is committed comes to nobody any more.
      await vi.waitFor(async () => {
        expect(new Set(seen)).toEqual(new Set(added));
        expect((await subscription.health()).lag).toBe(0);
      }, soon);
      await subscription.stop();
    }
  });
}

export function stuckReadersAreSeen(open: Open, world: World): void {
  test("a reader that polls and commits nothing shows in health, until it commits", async () => {
    const log = await open();
    const topic = await world().newTopic(2);
    let mends = false;
    const subscription = await log.source.subscribe({
      topics: [topic],
      group: freshName("group"),
      batchMax: 100,
      onBatch: async () => {
        if (!mends) throw new Error("cannot be handled");
      },
      onError: ignoreErrors,
    });
    expect((await subscription.health()).sinceCommitOwedMs).toBe(0);
    await log.sink.append([numbered(topic, 0)]);
    await vi.waitFor(async () => {
      const { sinceCommitOwedMs, sinceLastPollMs } = await subscription.health();
      expect(sinceCommitOwedMs).toBeGreaterThan(1_500);
      expect(sinceLastPollMs).toBeLessThan(1_500);
    }, soon);
    mends = true;
    await vi.waitFor(async () => {
      expect((await subscription.health()).sinceCommitOwedMs).toBe(0);
    }, soon);
  });
}

export function groupsAreApart(open: Open, world: World): void {
  test("two groups read the same records, each at its own pace", async () => {
    const log = await open();
    const topic = await world().newTopic(2);
    const seen: [number[], number[]] = [[], []];
    for (const place of [0, 1] as const) {
      await log.source.subscribe({
        topics: [topic],
        group: freshName("group"),
        batchMax: 3 + place,
        onBatch: async (batch) => void seen[place].push(...indexesOf(batch)),
        onError: ignoreErrors,
      });
    }
    await log.sink.append(range(0, 50).map((index) => numbered(topic, index)));
    await vi.waitFor(() => expect(seen.map((one) => new Set(one).size)).toEqual([50, 50]), soon);
  });
}

export function topicsOfAGroupAreApart(open: Open, world: World): void {
  test("members of one group that read different topics each get all of their own", async () => {
    const log = await open();
    const topics = [
      await world().newTopic(4),
      await world().newTopic(4),
      await world().newTopic(2),
    ];
    const group = freshName("group");
    const seen = new Map(topics.map((topic) => [topic, [] as number[]]));
    const [first = "", second = "", third = ""] = topics;
    const subscribed = await Promise.all(
      [[first], [second, third]].map((wanted) =>
        log.source.subscribe({
          topics: wanted,
          group,
          batchMax: 10,
          onBatch: async (batch) => void seen.get(batch.topic)?.push(...indexesOf(batch)),
          onError: ignoreErrors,
        }),
      ),
    );
    for (const topic of topics) {
      await log.sink.append(range(0, 40).map((index) => numbered(topic, index, 40)));
    }
    await vi.waitFor(() => {
      for (const indexes of seen.values()) expect(new Set(indexes).size).toBe(40);
    }, soon);
    await vi.waitFor(async () => {
      const healths = await Promise.all(subscribed.map((one) => one.health()));
      expect(healths.map(({ lag }) => lag)).toEqual([0, 0]);
    }, soon);
  });
}

export function subscriptionsAreApart(open: Open, world: World): void {
  test("a stuck handler of one subscription does not delay another topic's", async () => {
    const log = await open();
    const [stuck, exposures] = [await world().newTopic(12), await world().newTopic(12)];
    const hold = gate();
    let waiting = 0;
    const seen: number[] = [];
    await log.source.subscribe({
      topics: [stuck],
      group: freshName("group"),
      batchMax: 1,
      onBatch: async () => {
        waiting += 1;
        await hold.opened;
      },
      onError: ignoreErrors,
    });
    await log.source.subscribe({
      topics: [exposures],
      group: freshName("group"),
      batchMax: 10,
      onBatch: async (batch) => void seen.push(...indexesOf(batch)),
      onError: ignoreErrors,
    });
    await log.sink.append(range(0, 50).map((index) => numbered(stuck, index, 50)));
    await vi.waitFor(() => expect(waiting).toBeGreaterThan(0), soon);
    await log.sink.append(range(0, 50).map((index) => numbered(exposures, index, 50)));
    await vi.waitFor(() => expect(new Set(seen).size).toBe(50), soon);
    hold.open();
  });
}
