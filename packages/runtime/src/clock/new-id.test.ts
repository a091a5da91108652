import { expect, test } from "vitest";
import { createIds, newId } from "./new-id.ts";

const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("ids are version 7, ordered by creation, and none comes twice", () => {
  const ids = Array.from({ length: 2_000 }, newId);
  expect(ids.every((id) => shape.test(id))).toBe(true);
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});

test("a clock that is put back makes no id that is less than one before", () => {
  let now = Date.UTC(2026, 2, 2);
  const ids = createIds(() => (now -= 1_000));
  const made = Array.from({ length: 600 }, ids);
  expect(made.toSorted()).toEqual(made);
});

test("an id tells the millisecond in which it was made", () => {
  const now = Date.UTC(2026, 2, 2);
  const first = createIds(() => now)();
  expect(Number.parseInt(first.replace("-", "").slice(0, 12), 16)).toBe(now);
});

test("two makers in one millisecond make different ids, whose chance is never shown twice", () => {
  const now = (): number => Date.UTC(2026, 2, 2);
  const made = [createIds(now), createIds(now)].flatMap((ids) => Array.from({ length: 600 }, ids));
  expect(new Set(made.map((id) => id.slice(-10))).size).toBe(made.length);
});
