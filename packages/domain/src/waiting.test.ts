import fc from "fast-check";
import { expect, test } from "vitest";
import { tickedWaitOverMs, waitOver } from "./waiting.ts";

const since = 1_000_000;
const minutes = (count: number): number => count * 60_000;

test("a wait of up to a minute ends by PostgreSQL's clock alone", () => {
  const until = since + tickedWaitOverMs;
  expect(waitOver({ now: until - 1, since, until, ticks: 0, ticksSince: 0 })).toEqual({
    over: false,
    until,
  });
  expect(waitOver({ now: until, since, until, ticks: 0, ticksSince: 0 })).toEqual({ over: true });
});

test("a clock that was stepped forward does not end a longer wait: half of it must have been counted", () => {
  const question = { since, until: since + minutes(10), now: since + minutes(10) };
  const answer = waitOver({ ...question, ticks: 7 + minutes(1), ticksSince: 7 });
  expect(answer).toEqual({ over: false, until: question.now + minutes(4) });
  expect(waitOver({ ...question, ticks: 7 + minutes(5), ticksSince: 7 })).toEqual({ over: true });
});

test("ticks alone never end a wait that PostgreSQL's clock has not ended", () => {
  const until = since + minutes(10);
  const question = { since, until, now: until - 1, ticks: minutes(60), ticksSince: 0 };
  expect(waitOver(question)).toEqual({ over: false, until });
});

test("what a wait says is never over before its time, and always looks later than now", () => {
  const length = fc.integer({ min: 0, max: minutes(120) });
  fc.assert(
    fc.property(length, length, length, (lengthMs, passedMs, counted) => {
      const until = since + lengthMs;
      const now = since + passedMs;
      const answer = waitOver({ now, since, until, ticks: counted, ticksSince: 0 });
      if (!answer.over) {
        expect(answer.until).toBeGreaterThan(now);
        return;
      }
      expect(passedMs).toBeGreaterThanOrEqual(lengthMs);
      if (lengthMs > tickedWaitOverMs) expect(counted * 2).toBeGreaterThanOrEqual(lengthMs);
    }),
  );
});
