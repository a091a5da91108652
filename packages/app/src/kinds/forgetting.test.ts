import { createVirtualClock } from "@rekey/testkit";
import { expect, test } from "vitest";
import { forgettingLoop } from "./forgetting.ts";

const minuteMs = 60_000;

const running = (left: number) => {
  const clock = createVirtualClock();
  const stop = new AbortController();
  const asked: { at: number; idleMs: number }[] = [];
  const state = { left };
  const forgetInstances = async ({ idleMs }: { idleMs: number }): Promise<number> => {
    asked.push({ at: clock.monotonicMs(), idleMs });
    const count = Math.min(state.left, 1_000);
    state.left -= count;
    return await Promise.resolve(count);
  };
  const ended = forgettingLoop(
    { ledger: { forgetInstances }, clock, instancesKeptMs: 42 },
    async (_name, run) => await run(stop.signal),
  );
  return { clock, stop, asked, state, ended };
};

test("idle instances are forgotten once a minute until none is left, and a round has an end", async () => {
  const { clock, stop, asked, state, ended } = running(22_500);
  await clock.advance(minuteMs - 1);
  expect(state.left).toBe(2_500);
  expect(asked).toHaveLength(20);
  await clock.advance(1);
  expect(state.left).toBe(0);
  expect(asked).toHaveLength(24);
  await clock.advance(minuteMs);
  expect(asked).toHaveLength(25);
  expect(asked.every(({ idleMs }) => idleMs === 42)).toBe(true);
  stop.abort();
  await ended;
  expect(clock.pending()).toBe(0);
});
