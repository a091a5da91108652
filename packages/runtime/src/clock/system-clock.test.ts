import { expect, test } from "vitest";
import { newId, systemClock } from "./system-clock.ts";

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

test("ids are version 7 and ordered by creation", () => {
  const ids = Array.from({ length: 1_000 }, newId);
  expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/.test(id))).toBe(true);
  expect(ids.toSorted()).toEqual(ids);
});
