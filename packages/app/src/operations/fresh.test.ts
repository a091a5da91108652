import { expect, test } from "vitest";
import { fresh } from "./fresh.ts";

test("who asks within a moment gets the same answer, who asks later a new one", async () => {
  let now = 0;
  let asked = 0;
  const count = fresh(async () => await Promise.resolve((asked += 1)), {
    forMs: 1_000,
    monotonicMs: () => now,
  });
  expect(await Promise.all([count(), count()])).toEqual([1, 1]);
  now = 1_000;
  expect(await count()).toBe(1);
  now = 1_001;
  expect(await count()).toBe(2);
});

test("a failure is not kept longer than an answer", async () => {
  let now = 0;
  const answers = [Promise.reject(new Error("away")), Promise.resolve("there")];
  const ask = fresh(async () => await (answers.shift() ?? Promise.resolve("later")), {
    forMs: 1_000,
    monotonicMs: () => now,
  });
  await expect(ask()).rejects.toThrow("away");
  now = 1_001;
  expect(await ask()).toBe("there");
});
