import type { EventSink } from "@rekey/domain";
import { Fault } from "@rekey/domain";
import { leastMs, msOf } from "@rekey/testkit";
import { expect, test, vi } from "vitest";
import {
  firstTimes,
  freshName,
  ignoreErrors,
  indexesOf,
  numbered,
  range,
  soon,
  startReader,
  takeover,
} from "./world.suite.ts";
import type { Open, Reader, World } from "./world.suite.ts";

/** Appends until it succeeded: at least once, as a producer does. */
const appendAtLast = (sink: EventSink, topic: string, index: number): Promise<void> =>
  vi.waitFor(() => sink.append([numbered(topic, index)]), takeover);

export function appendsAreDurable(open: Open, world: World): void {
  test("what an append resolved for is there after a kill of the server", async () => {
    const log = await open();
    const topic = await world().newTopic(4);
    const appended: number[] = [];
    for (const index of range(0, 100)) {
      await log.sink.append([numbered(topic, index)]);
      appended.push(index);
    }
    await world().goDown();
    await world().comeBack();
    const { seen } = await startReader(await open(), topic);
    await vi.waitFor(() => expect(new Set(seen)).toEqual(new Set(appended)), takeover);
  });
}

export function lostAnswersLoseNothing(open: Open, world: World): void {
  test("what is appended after an append of unknown outcome is stored", async () => {
    const far = await world().openThroughNetwork();
    const topic = await world().newTopic(1);
    await far.sink.append([numbered(topic, 0)]);
    far.loseAnswers();
    const lost = await far.sink.append([numbered(topic, 1)]).catch((error: unknown) => error);
    expect(lost).toMatchObject({ code: "TOPICS_UNREACHABLE", unknownOutcome: true });
    far.heal();
    // The first one may meet a connection that broke a moment ago.
    for (const index of [2, 3]) await appendAtLast(far.sink, topic, index);
    const { seen } = await startReader(await open(), topic);
    await vi.waitFor(() => expect(seen).toContain(3), soon);
    expect(firstTimes(seen).filter((index) => index !== 1)).toEqual([0, 2, 3]);
    await far.close();
  });
}

export function outagesAreSeenAndSurvived(open: Open, world: World): void {
  test("a log that is down shows in health, check and append; afterwards the subscription goes on by itself", async () => {
    const log = await open();
    const topic = await world().newTopic(2);
    const seen: number[] = [];
    const errors: unknown[] = [];
    const subscription = await log.source.subscribe({
      topics: [topic],
      group: freshName("group"),
      batchMax: 50,
      onBatch: async (batch) => void seen.push(...indexesOf(batch)),
      onError: (error) => void errors.push(error),
    });
    await log.sink.append([numbered(topic, 0)]);
    await vi.waitFor(() => expect(seen).toContain(0), soon);
    await vi.waitFor(async () => {
      expect((await subscription.health()).sinceLastPollMs).toBeLessThan(1_500);
    }, soon);
    await world().goDown();
    try {
      const refused = await log.sink.append([numbered(topic, 1)]).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(Fault);
      expect(refused).toMatchObject({ code: "TOPICS_UNREACHABLE", action: "retry" });
      await expect(log.source.check()).rejects.toMatchObject({ code: "TOPICS_UNREACHABLE" });
      await vi.waitFor(async () => {
        expect((await subscription.health()).sinceLastPollMs).toBeGreaterThan(1_500);
        expect(errors.length).toBeGreaterThan(0);
      }, takeover);
    } finally {
      await world().comeBack();
    }
    await appendAtLast(log.sink, topic, 2);
    await vi.waitFor(() => expect(seen).toContain(2), takeover);
    await vi.waitFor(async () => {
      const { lag, sinceLastPollMs } = await subscription.health();
      expect(lag).toBe(0);
      expect(sinceLastPollMs).toBeLessThan(1_500);
    }, takeover);
  });
}

export function restartsLoseNothing(open: Open, world: World): void {
  test("the server restarts while records flow: nothing is lost, and order per key holds", async () => {
    const log = await open();
    const topic = await world().newTopic(3);
    const firstSeen: number[] = [];
    await log.source.subscribe({
      topics: [topic],
      group: freshName("group"),
      batchMax: 5,
      onBatch: async (batch) => {
        // One that was delivered or appended again counts once: consumers deduplicate.
        for (const index of indexesOf(batch)) if (!firstSeen.includes(index)) firstSeen.push(index);
      },
      onError: ignoreErrors,
    });
    const flow = (async () => {
      for (const index of range(0, 200)) await appendAtLast(log.sink, topic, index);
    })();
    await vi.waitFor(() => expect(firstSeen.length).toBeGreaterThan(20), soon);
    await world().goDown();
    await world().comeBack();
    await flow;
    await vi.waitFor(() => expect(firstSeen).toHaveLength(200), takeover);
    for (const key of range(0, 7)) {
      const indexes = firstSeen.filter((index) => index % 7 === key);
      expect(indexes).toEqual(indexes.toSorted((left, right) => left - right));
    }
  });
}

export function closeLeavesNothing(open: Open, world: World): void {
  test("stopping takes less than 1 s when idle, and a closed log leaves no connection", async () => {
    const before = await world().connections();
    const topic = await world().newTopic(12);
    const log = await open();
    await log.sink.append(range(0, 20).map((index) => numbered(topic, index)));
    const idle = async (): Promise<Reader[]> => {
      const readers = await Promise.all(range(0, 3).map(() => startReader(log, topic)));
      await vi.waitFor(() => {
        for (const { seen } of readers) expect(new Set(seen).size).toBe(20);
      }, soon);
      return readers;
    };
    const stopping = async (): Promise<number> => {
      const readers = await idle();
      return await msOf(() => Promise.all(readers.map((reader) => reader.subscription.stop())));
    };
    expect(await leastMs(1_000, stopping)).toBeLessThan(1_000);
    await idle();
    await log.close();
    await vi.waitFor(async () => expect(await world().connections()).toBe(before), soon);
    await expect(log.sink.append([numbered(topic, 1)])).rejects.toMatchObject({
      code: "TOPIC_REJECTED",
    });
  });

  test("closing takes less than 2 s while subscriptions are open", async () => {
    const topic = await world().newTopic(4);
    const closing = async (): Promise<number> => {
      const log = await open();
      await log.sink.append([numbered(topic, 0)]);
      const { seen } = await startReader(log, topic);
      await vi.waitFor(() => expect(seen).toContain(0), soon);
      return await msOf(() => log.close());
    };
    expect(await leastMs(2_000, closing)).toBeLessThan(2_000);
  });
}
