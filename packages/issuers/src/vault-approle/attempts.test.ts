import { expect, test } from "vitest";
import { createAttempts, refusalsMax } from "./attempts.ts";

const lockoutThreshold = 5;
const minutes = 60_000;

function openAttempts() {
  const time = { now: 0 };
  return { time, attempts: createAttempts({ monotonicMs: () => time.now }) };
}

const refusedTimes = (attempts: ReturnType<typeof createAttempts>, times: number): void => {
  for (let time = 0; time < times; time += 1)
    if (attempts.begin("role")) attempts.end("role", "refused");
};

test("no series of refusals comes to the one that locks the role", () => {
  const { attempts } = openAttempts();
  const begun = Array.from({ length: 20 }, () => attempts.begin("role"));
  expect(begun.filter(Boolean)).toHaveLength(refusalsMax);
  expect(refusalsMax).toBeLessThan(lockoutThreshold);
});

test("a login that succeeds begins a new series, and another role has its own", () => {
  const { attempts } = openAttempts();
  refusedTimes(attempts, refusalsMax - 1);
  expect(attempts.begin("role")).toBe(true);
  expect(attempts.begin("role")).toBe(false);
  attempts.end("role", "accepted");
  expect(attempts.begin("role")).toBe(true);
  refusedTimes(attempts, refusalsMax);
  expect(attempts.begin("role")).toBe(false);
  expect(attempts.begin("other")).toBe(true);
});

test("a series is over when Vault has forgotten it, not earlier", () => {
  const { attempts, time } = openAttempts();
  refusedTimes(attempts, refusalsMax);
  time.now = 15 * minutes;
  expect(attempts.begin("role")).toBe(false);
  time.now += 1;
  expect(attempts.begin("role")).toBe(true);
});

test("what Vault did not count is given back, what may have counted is not", () => {
  const { attempts } = openAttempts();
  for (let time = 0; time < 10; time += 1) {
    expect(attempts.begin("role")).toBe(true);
    attempts.end("role", "uncounted");
  }
  for (let time = 0; time < refusalsMax; time += 1) attempts.begin("role");
  expect(attempts.begin("role")).toBe(false);
});
