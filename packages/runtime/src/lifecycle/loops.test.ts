import { expect, test } from "vitest";
import { silentLog } from "../logger/silent-log.ts";
import { superviseLoop } from "./loops.ts";

function setUp(
  run: (life: number, signal: AbortSignal) => Promise<void>,
  isWeather?: (error: unknown) => boolean,
) {
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
    ...(isWeather && { isWeather }),
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

test("the fourth death within a minute ends the process, however long it lived in between", async () => {
  const { state, abort, ended } = setUp(async (life) => {
    state.now += 19_000;
    if (life === 10) abort.abort();
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

test("bad weather is no death however long it lasts, and the next death counts as the first", async () => {
  const storm = new Error("storm");
  const { state, ended } = setUp(
    async (life) => {
      throw life <= 100 ? storm : new Error("lost");
    },
    (error) => error === storm,
  );
  await ended;
  expect(state).toMatchObject({ lives: 104, exhausted: [70] });
  // Not in a hurry: after the first seconds one try every four.
  expect(state.now).toBeGreaterThan(95 * 4_000);
});
