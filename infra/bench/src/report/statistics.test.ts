import { expect, test } from "vitest";
import { median, percentile, spreadOf } from "./statistics.ts";

test("a percentile is a value that was measured, by nearest rank", () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentile(values, 0.5)).toBe(50);
  expect(percentile(values, 0.99)).toBe(99);
  expect(percentile([7], 0.99)).toBe(7);
});

test("a median lies between the two middle ones", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(spreadOf([2, 1, 9])).toEqual({ median: 2, low: 1, high: 9 });
});

test("nothing measured is no figure", () => {
  expect(() => median([])).toThrow("nothing was measured");
  expect(() => percentile([], 0.5)).toThrow("nothing was measured");
});
