import { expect, test } from "vitest";
import { silentLog } from "../logger/silent-log.ts";
import { superviseLoop } from "./loops.ts";

function setUp(run: (life: number, signal: AbortSignal) => Promise<void>) {
  const abort = new AbortController();
  const state = { now: 0, lives: 0, exhausted: [] as number[] };
  const ended = superviseLoop({
    name: "test",
    run: (signal) => run(++state.lives, signal),
    signal: abort.signal,
    clock: {
      monotonicMs: () => state.now,
      sleep: async (ms) => void (state.now += ms),
      after: () => () => {},
    },
    log: silentLog,
    onExhausted: (code) => void state.exhausted.push(code),
  });
  return { state, abort, ended };
}

test("a loop that dies is built again three times a minute, then the process ends with 70", async () => {
  const { state, ended } = setUp(async () => {
    throw new Error("lost");
  });
  await ended;
  expect(state).toMatchObject({ lives: 4, exhausted: [70] });
});

test("a loop that ends without being asked counts as dead", async () => {
  const { state, ended } = setUp(async () => {});
  await ended;
  expect(state).toMatchObject({ lives: 4, exhausted: [70] });
});

test("deaths further apart never exhaust it", async () => {
  const { state, abort, ended } = setUp(async (life) => {
    state.now += 25_000;
    if (life === 50) abort.abort();
    throw new Error("lost");
  });
  await ended;
  expect(state).toMatchObject({ lives: 50, exhausted: [] });
});

test("a loop that was asked to end is not built again, however it ends", async () => {
  const { state, abort, ended } = setUp(
    (_, signal) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  );
  abort.abort(new Error("stopping"));
  await ended;
  expect(state).toMatchObject({ lives: 1, exhausted: [] });
});
