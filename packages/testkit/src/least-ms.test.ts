import { expect, test } from "vitest";
import { leastMs, msOf } from "./least-ms.ts";

const measured = (...measures: number[]) => {
  let asked = 0;
  return { measure: async () => measures[asked++] ?? 0, asked: () => asked };
};

test("measures that load made long do not count where one is short enough", async () => {
  const { measure, asked } = measured(900, 1_400, 80, 70);
  expect(await leastMs(100, measure)).toBe(80);
  expect(asked()).toBe(3);
});

test("what takes too long every time is told, after a bounded number of measures", async () => {
  const { measure, asked } = measured(900, 500, 700, 600, 800, 1);
  expect(await leastMs(100, measure)).toBe(500);
  expect(asked()).toBe(5);
});

test("a measure is of the work alone, and what the work throws passes unchanged", async () => {
  const refusal = new Error("not now");
  await expect(msOf(() => Promise.reject(refusal))).rejects.toBe(refusal);
  expect(await msOf(async () => undefined)).toBeGreaterThanOrEqual(0);
});
