import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { silentLog } from "../logger/silent-log.ts";
import { createShutdown } from "./shutdown.ts";

function setUp() {
  const expire: (() => void)[] = [];
  const exits: number[] = [];
  const logged: [string, string | undefined][] = [];
  const clock = {
    monotonicMs: () => 0,
    sleep: async () => {},
    after: (_: number, callback: () => void) => {
      expire.push(callback);
      return () => void expire.splice(expire.indexOf(callback), 1);
    },
  };
  const note = (message: string, fields?: { readonly step?: unknown }): void =>
    void logged.push([message, fields?.step as string | undefined]);
  const emitter = new EventEmitter();
  const process = Object.assign(emitter, { exit: (code: number) => void exits.push(code) });
  const shutdown = createShutdown({ log: { ...silentLog, error: note }, clock, process });
  return { shutdown, process, exits, expire, logged };
}

test("steps stop one after the other, the last started first, then the process exits", async () => {
  const { shutdown, process, exits } = setUp();
  const order: string[] = [];
  shutdown.onStop("ledger", () => void order.push("ledger"));
  shutdown.onStop("loop", async () => {
    order.push(`loop, aborted: ${shutdown.signal.aborted}`);
    await new Promise(setImmediate);
    order.push("loop ended");
  });
  process.emit("SIGTERM");
  expect(await shutdown.stop("asked again")).toBe(0);
  expect(order).toEqual(["loop, aborted: true", "loop ended", "ledger"]);
  expect(exits).toEqual([0]);
  expect(process.listenerCount("SIGTERM") + process.listenerCount("SIGINT")).toBe(0);
});

test.each([
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const)("a second signal, %s, exits at once", (signal, code) => {
  const { shutdown, process, exits } = setUp();
  shutdown.onStop("stuck", () => new Promise(() => {}));
  process.emit("SIGINT");
  expect(exits).toEqual([]);
  process.emit(signal);
  expect(exits).toEqual([code]);
});

test("a step that is late or fails is named, the others still stop, and the exit code tells", async () => {
  const { shutdown, expire, exits, logged } = setUp();
  const order: string[] = [];
  shutdown.onStop("ledger", () => void order.push("ledger"));
  shutdown.onStop("failing", () => Promise.reject(new Error("lost")));
  shutdown.onStop("stuck", () => new Promise(() => {}));
  const stopped = shutdown.stop("test");
  expire[0]!();
  expect(await stopped).toBe(1);
  expect(exits).toEqual([1]);
  expect(order).toEqual(["ledger"]);
  expect(logged).toEqual([
    ["not stopped within the deadline", "stuck"],
    ["failed to stop", "failing"],
  ]);
});

test("the code of whoever stops first is the exit code", async () => {
  const { shutdown, exits } = setUp();
  void shutdown.stop("loop died too often", 70);
  expect(await shutdown.stop("late")).toBe(70);
  expect(exits).toEqual([70]);
});
