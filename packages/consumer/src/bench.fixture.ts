import { afterEach, beforeEach, vi } from "vitest";
import type { Clock } from "@rekey/domain";
import { openConsumer, type Consumer, type ConsumerOptions } from "./consumer.ts";
import { systemClock } from "./system-clock.ts";
import type { Value } from "./value.ts";
import { openWorkload, type WorkloadFixture } from "./workload.fixture.ts";

/** So far away that only an announcement can tell of a change. */
export const never = 3_600_000;

// A bound for what hangs, no measure: a busy machine is slower by far than a quiet one.
export const eventually = (check: () => void) =>
  vi.waitFor(check, { timeout: 20_000, interval: 5 });

/** A fixture per test with version 1 promoted, and consumers that end with the test. */
export const useWorkload = () => {
  let opened: WorkloadFixture | undefined;
  let consumers: Consumer[] = [];
  const place = (): WorkloadFixture => {
    if (opened === undefined) throw new Error("the fixture is not open");
    return opened;
  };
  beforeEach(async () => {
    opened = await openWorkload();
    consumers = [];
    await opened.promote(1);
  });
  afterEach(async () => {
    for (const consumer of consumers) await consumer.close();
    await place().close();
  });
  return {
    place,
    start: async (options: ConsumerOptions): Promise<Consumer> => {
      const consumer = await openConsumer(options);
      consumers.push(consumer);
      return consumer;
    },
    /** The first announcements were not only sent but acted on: the next poll asks for what comes after them. */
    listenedUpTo: (count: number) =>
      eventually(() => {
        const last = new URLSearchParams(place().gateway.polls.at(-1));
        if (last.get("after") !== String(count)) throw new Error("still listening");
      }),
    movedTo: () => place().gateway.moves.map(({ version }) => version),
  };
};

/** A handler that notes versions and waits where it is told to. */
export const recorder = () => {
  const versions: number[] = [];
  const gates = new Map<number, Promise<void>>();
  return {
    versions,
    gates,
    handler: async ({ version }: Value) => {
      versions.push(version);
      await gates.get(version);
    },
  };
};

/** The real clock, and how many of its timers are running. */
export const countingClock = (): { clock: Clock; pending: () => number } => {
  let count = 0;
  const clock: Clock = {
    ...systemClock,
    sleep: async (milliseconds, signal) => {
      count += 1;
      await systemClock.sleep(milliseconds, signal).finally(() => (count -= 1));
    },
    after: (milliseconds, callback) => {
      count += 1;
      const cancel = systemClock.after(milliseconds, callback);
      return () => {
        count -= 1;
        cancel();
      };
    },
  };
  return { clock, pending: () => count };
};
