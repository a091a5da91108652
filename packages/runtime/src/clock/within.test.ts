import { expect, test } from "vitest";
import { settledWithin, withinLimit } from "./within.ts";

const timers = () => {
  const pending = new Set<() => void>();
  const clock = {
    monotonicMs: () => 0,
    sleep: async () => {},
    after: (_: number, callback: () => void) => {
      pending.add(callback);
      return () => void pending.delete(callback);
    },
  };
  const expire = (): void => pending.forEach((callback) => callback());
  return { clock, expire, pending };
};
const never = new Promise<never>(() => {});
const late = (): never => {
  throw new Error("late");
};

test("what is in time is the answer or the failure itself, and no timer stays", async () => {
  const { clock, pending } = timers();
  const limit = { clock, limitMs: 5, onLate: late };
  expect(await withinLimit(Promise.resolve("answer"), limit)).toBe("answer");
  const failure = new Error("failed");
  await expect(withinLimit(Promise.reject(failure), limit)).rejects.toBe(failure);
  expect(pending.size).toBe(0);
});

test("what is late gives what was said for it, an answer or a failure, and no timer stays", async () => {
  const { clock, expire, pending } = timers();
  const answered = withinLimit(never, { clock, limitMs: 5, onLate: () => "otherwise" });
  const failed = withinLimit(never, { clock, limitMs: 5, onLate: late });
  expire();
  expect(await answered).toBe("otherwise");
  await expect(failed).rejects.toThrow("late");
  expect(pending.size).toBe(0);
});

test("settled is what ended in time, however it ended", async () => {
  const { clock, expire } = timers();
  expect(await settledWithin(clock, 5, Promise.resolve())).toBe(true);
  expect(await settledWithin(clock, 5, Promise.reject(new Error("failed")))).toBe(true);
  const settled = settledWithin(clock, 5, never);
  expire();
  expect(await settled).toBe(false);
});
