import { expect, test } from "vitest";
import { createRandom } from "./random.ts";

const draw = (seed: number): number[] => {
  const random = createRandom(seed);
  return Array.from({ length: 100 }, () => random.next());
};

test("the same seed gives the same numbers, another seed others", () => {
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

test("numbers are spread over the range", () => {
  const random = createRandom(1);
  const counts = [0, 0, 0, 0, 0];
  for (let index = 0; index < 10_000; index++) counts[random.integer(5)]!++;
  for (const count of counts) expect(Math.abs(count - 2_000)).toBeLessThan(200);
});

test("a fork draws on its own, and is repeatable too", () => {
  const random = createRandom(7);
  const fork = random.fork("network");
  fork.bytes(10);
  expect(random.next()).toBe(createRandom(7).next());
  expect(fork.seed).toBe(createRandom(7).fork("network").seed);
  expect(fork.seed).not.toBe(createRandom(7).fork("disk").seed);
});

test("shuffle keeps every item", () => {
  const items = Array.from({ length: 50 }, (_, index) => index);
  const shuffled = createRandom(3).shuffle(items);
  expect(shuffled).not.toEqual(items);
  expect(shuffled.toSorted((a, b) => a - b)).toEqual(items);
});
