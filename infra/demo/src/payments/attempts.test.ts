import fc from "fast-check";
import { expect, test } from "vitest";
import {
  countPayments,
  movedAt,
  parsePaymentLines,
  paymentsIn,
  startedBetween,
  type Payment,
} from "./attempts.ts";

const payment = (startedAt: number, endedAt: number, ok: boolean): Payment => ({
  kind: "payment",
  number: 1,
  startedAt,
  endedAt,
  ok,
});
const window = { from: 100, until: 200 };

test("a failure is explained by a window that it overlaps, and by nothing else", () => {
  const counted = (...failed: Payment[]) => countPayments(failed, [window]);
  const inside = [payment(120, 130, false), payment(90, 100, false), payment(200, 260, false)];
  const outside = [payment(10, 99, false), payment(201, 202, false)];
  expect(counted(...inside, ...outside)).toEqual({
    ok: 0,
    failedInContainment: 3,
    failedOutsideContainment: 2,
  });
});

test("without a window every failure stands outside of one", () => {
  expect(countPayments([payment(120, 130, false)], []).failedOutsideContainment).toBe(1);
});

test("no attempt is lost and none is counted twice", () => {
  const spans = fc.tuple(fc.nat(300), fc.nat(50), fc.boolean());
  const windows = fc.array(fc.tuple(fc.nat(300), fc.nat(100)), { maxLength: 3 });
  fc.assert(
    fc.property(fc.array(spans), windows, (attempts, containments) => {
      const counts = countPayments(
        attempts.map(([from, took, ok]) => payment(from, from + took, ok)),
        containments.map(([from, took]) => ({ from, until: from + took })),
      );
      const total = counts.ok + counts.failedInContainment + counts.failedOutsideContainment;
      expect(total).toBe(attempts.length);
      expect(counts.ok).toBe(attempts.filter(([, , ok]) => ok).length);
    }),
  );
});

test("a line that is still being written is left for the next time", () => {
  const whole = `${JSON.stringify(payment(1, 2, true))}\n`;
  expect(parsePaymentLines(`${whole}{"kind":"pay`)).toHaveLength(1);
  expect(parsePaymentLines("")).toEqual([]);
});

test("when the service moved is what it wrote itself", () => {
  const lines = parsePaymentLines(
    `{"kind":"moved","version":1,"at":5}\n{"kind":"moved","version":2,"at":9}\n`,
  );
  expect([movedAt(lines, 2), movedAt(lines, 3)]).toEqual([9, undefined]);
  expect(paymentsIn(lines)).toEqual([]);
});

test("the attempts of a span are those that began in it", () => {
  const all = [payment(1, 9, true), payment(5, 6, true), payment(8, 9, false)];
  expect(startedBetween(all, { from: 2, until: 7 })).toEqual([all[1]]);
});
