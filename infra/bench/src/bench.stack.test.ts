import { describeStack } from "@rekey/stack/vitest";
import { createProgress } from "@rekey/stack";
import { expect, test } from "vitest";
import { measures } from "./options.ts";
import type { Figures } from "./report/figures.ts";
import { figuresText } from "./report/tables.ts";
import { runBench } from "./run-bench.ts";
import { quickSizes } from "./sizes.ts";

const benchMs = 420_000;
const silent = createProgress({
  write: () => undefined,
  live: false,
  columns: () => 80,
  now: () => performance.now(),
  every: () => () => undefined,
});

const allNumbers = (value: unknown): readonly number[] =>
  typeof value === "number"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.values(value).flatMap(allNumbers)
      : [];

describeStack(["kafka", "redis", "vault"], "the bench", () => {
  test(
    "measures everything on real parts, and every figure is there",
    async () => {
      const sizes = {
        ...quickSizes,
        rounds: 1,
        leaksPerRound: 2,
        rotationsPerRound: 4,
        floodAlerts: 500,
      };
      const signal = new AbortController().signal;
      const figures = await runBench({ sizes, only: new Set(measures), progress: silent, signal });
      expectShape(figures);
      expect(allNumbers(figures).every((one) => Number.isFinite(one))).toBe(true);
      expect(figuresText(figures)).toContain("five processes");
    },
    benchMs,
  );
});

const expectShape = ({ M1, M3, M8, memory }: Figures): void => {
  for (const leak of [M1?.oneProcess, M1?.separate]) {
    expect(leak?.samples).toBe(2);
    expect(leak?.ratioP50).toBeGreaterThan(0);
    expect(leak?.ratioP99).toBeGreaterThan(0);
  }
  for (const rotation of [M3?.c8, M3?.c24]) {
    expect(rotation?.ratioWall).toBeGreaterThan(0);
    expect(rotation?.ratioCpu).toBeGreaterThan(0);
    expect(rotation?.commits).toBeGreaterThan(5);
    expect(Object.keys(rotation?.stepMs ?? {})).toContain("prove");
  }
  expect(M8).toMatchObject({ alerts: 500, credentials: 10, cases: 10 });
  expect(M8?.redelivered).toMatchObject({ alerts: 500, cases: 0 });
  expect(memory?.executing.heapMb).toBeGreaterThan(0);
  expect(memory?.waiting.rotations).toBeGreaterThan(0);
};
