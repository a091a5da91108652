import { expect, test } from "vitest";
import { allOrNone } from "./all-or-none.ts";

test("what was started comes in its order, and nothing of it is ended", async () => {
  const ended: unknown[] = [];
  const end = async (part: unknown): Promise<void> => void ended.push(part);
  const late = new Promise<"late">((resolve) => setImmediate(() => resolve("late")));
  expect(await allOrNone([late, Promise.resolve(2)], end)).toEqual(["late", 2]);
  expect(ended).toEqual([]);
});

test("when one does not start, those that do are ended, the late ones too", async () => {
  const ended: unknown[] = [];
  const end = async (part: unknown): Promise<void> => void ended.push(part);
  const reason = new Error("does not start");
  const late = new Promise<"late">((resolve) => setImmediate(() => resolve("late")));
  const starting = allOrNone([Promise.reject(reason), Promise.resolve("early"), late], end);
  await expect(starting).rejects.toBe(reason);
  expect(ended).toEqual(["early", "late"]);
});
