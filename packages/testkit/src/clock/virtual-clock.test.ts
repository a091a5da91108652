import { expect, test } from "vitest";
import { createVirtualClock } from "./virtual-clock.ts";

test("time passes only when asked, and what is due runs in order at its own time", async () => {
  const clock = createVirtualClock();
  const seen: [string, number][] = [];
  const note = (name: string): void => void seen.push([name, clock.monotonicMs()]);
  clock.after(30, () => note("callback"));
  void clock.sleep(10).then(async () => {
    note("slept");
    await clock.sleep(10);
    note("slept again");
  });
  clock.after(20, () => note("cancelled"))();
  await clock.advance(9);
  expect(seen).toEqual([]);
  await clock.advance(100);
  expect(seen).toEqual([
    ["slept", 10],
    ["slept again", 20],
    ["callback", 30],
  ]);
  expect([clock.monotonicMs(), clock.pending()]).toEqual([109, 0]);
});

test("an aborted sleep rejects with the reason and waits no more", async () => {
  const clock = createVirtualClock();
  const abort = new AbortController();
  const reason = new Error("stopping");
  const sleeping = clock.sleep(1_000, abort.signal);
  abort.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
  await expect(clock.sleep(1, abort.signal)).rejects.toBe(reason);
  expect(clock.pending()).toBe(0);
});

test("the wall may jump while monotonic time does not", async () => {
  const clock = createVirtualClock(1_000);
  await clock.advance(500);
  clock.shiftWall(-3_600_000);
  expect(clock.now()).toBe(1_500 - 3_600_000);
  expect(clock.monotonicMs()).toBe(500);
});
