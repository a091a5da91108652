import { createBell } from "@rekey/runtime";
import { createVirtualClock } from "@rekey/testkit";
import { expect, test } from "vitest";
import { every } from "./every.ts";

const running = (withBell: boolean) => {
  const clock = createVirtualClock();
  const stop = new AbortController();
  const bell = createBell();
  const rounds: number[] = [];
  const ended = every(
    { signal: stop.signal, clock, atMostMs: 1_000, ...(withBell && { bell }) },
    async () => await Promise.resolve(void rounds.push(clock.monotonicMs())),
  );
  return { clock, stop, bell, rounds, ended };
};

test("a round comes at the bell, or after the pause, whichever is first", async () => {
  const { clock, stop, bell, rounds, ended } = running(true);
  await clock.advance(100);
  bell.ring();
  await clock.advance(0);
  expect(rounds).toEqual([0, 100]);
  await clock.advance(1_010);
  expect(rounds).toEqual([0, 100, 1_110]);
  stop.abort();
  await ended;
});

test("a ring during a round is not lost, and a hundred rings make one round more", async () => {
  const { clock, stop, bell, rounds, ended } = running(true);
  for (let ring = 0; ring < 100; ring += 1) bell.ring();
  await clock.advance(500);
  expect(rounds).toEqual([0, 10]);
  stop.abort();
  await ended;
});

test("without a bell the clock alone decides, and a stop ends the wait", async () => {
  const { clock, stop, rounds, ended } = running(false);
  await clock.advance(2_500);
  expect(rounds).toEqual([0, 1_000, 2_000]);
  stop.abort();
  await ended;
  expect(clock.pending()).toBe(0);
});
