import { expect, test } from "vitest";
import { systemClock } from "./system-clock.ts";

test("a sleep ends with the reason of its signal, at once", async () => {
  const abort = new AbortController();
  const reason = new Error("stopping");
  const sleeping = systemClock.sleep(60_000, abort.signal);
  abort.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
  await expect(systemClock.sleep(60_000, abort.signal)).rejects.toBe(reason);
});

test("a sleep lasts at least as long as asked, by the monotonic clock", async () => {
  const start = systemClock.monotonicMs();
  await systemClock.sleep(20);
  // Timers count whole milliseconds and may fire in the last one.
  expect(systemClock.monotonicMs() - start).toBeGreaterThanOrEqual(19);
});

test("a callback comes once, and not after it was cancelled", async () => {
  const called: string[] = [];
  systemClock.after(1, () => called.push("cancelled"))();
  await new Promise<void>((resolve) => {
    systemClock.after(5, () => {
      called.push("came");
      resolve();
    });
  });
  expect(called).toEqual(["came"]);
});
