import { expect, test } from "vitest";
import { createBell } from "./bell.ts";
import { systemClock } from "./system-clock.ts";

const long = { atMostMs: 60_000 };

test("a ring wakes who waits, and one that nobody heard ends the next wait alone", async () => {
  const bell = createBell();
  const waiting = bell.wait(systemClock, long);
  bell.ring();
  await waiting;
  bell.ring();
  await bell.wait(systemClock, long);
  let isOver = false;
  const again = bell.wait(systemClock, long).then(() => (isOver = true));
  await new Promise(setImmediate);
  expect(isOver).toBe(false);
  bell.ring();
  await again;
});

test("without a ring the wait ends after its pause, or when its signal is aborted", async () => {
  const bell = createBell();
  await bell.wait(systemClock, { atMostMs: 1 });
  const stop = new AbortController();
  const waiting = bell.wait(systemClock, { ...long, signal: stop.signal });
  stop.abort();
  await waiting;
  await bell.wait(systemClock, { ...long, signal: stop.signal });
});
