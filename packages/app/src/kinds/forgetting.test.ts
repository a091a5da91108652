import { consumerId, type InstanceName } from "@rekey/domain";
import { createVirtualClock } from "@rekey/testkit";
import { expect, test } from "vitest";
import { forgettingLoop } from "./forgetting.ts";

const hourMs = 3_600_000;
const consumer = consumerId("app");

/** Each page has so many calls' worth to forget; the last one has nothing behind it. */
const running = (pages: number[]) => {
  const clock = createVirtualClock();
  const stop = new AbortController();
  const asked: number[] = [];
  const forgetInstances = async ({ idleMs, after }: { idleMs: number; after?: InstanceName }) => {
    expect(idleMs).toBe(42);
    const page = after === undefined ? 0 : Number(after.instance) + 1;
    asked.push(page);
    const left = pages[page] ?? 0;
    if (left > 0) pages[page] = left - 1;
    const next = { consumer, instance: String(page) };
    const forgotten = left > 0 ? 7 : 0;
    return await Promise.resolve(page < pages.length - 1 ? { forgotten, next } : { forgotten });
  };
  const ended = forgettingLoop(
    { ledger: { forgetInstances }, clock, instancesKeptMs: 42 },
    async (_name, run) => await run(stop.signal),
  );
  return { clock, stop, asked, ended };
};

test("once an hour every page is looked at, again while there is something to forget", async () => {
  const { clock, stop, asked, ended } = running([2, 0, 1]);
  await clock.advance(hourMs - 1);
  expect(asked).toEqual([0, 0, 0, 1, 2, 2]);
  await clock.advance(1);
  expect(asked.slice(6)).toEqual([0, 1, 2]);
  stop.abort();
  await ended;
  expect(clock.pending()).toBe(0);
});

test("a round has an end, and the next one begins there", async () => {
  const { clock, stop, asked, ended } = running(Array.from({ length: 1_500 }, () => 0));
  await clock.advance(hourMs - 1);
  expect(asked).toHaveLength(1_000);
  await clock.advance(1);
  expect(asked.slice(1_000)).toEqual(Array.from({ length: 500 }, (_, index) => 1_000 + index));
  await clock.advance(hourMs);
  expect(asked[1_500]).toBe(0);
  stop.abort();
  await ended;
});
