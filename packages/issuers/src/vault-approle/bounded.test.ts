import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { eachBounded } from "./bounded.ts";

test("answers come in the order of the items, and never more than the bound are at work", async () => {
  let atWork = 0;
  let most = 0;
  const items = Array.from({ length: 50 }, (_, index) => index);
  const values = await eachBounded(items, 4, async (item) => {
    most = Math.max(most, (atWork += 1));
    await setImmediate();
    atWork -= 1;
    return item * 2;
  });
  expect(values).toEqual(items.map((item) => item * 2));
  expect(most).toBe(4);
});

test("the first failure ends it, and no item is begun after it", async () => {
  let begun = 0;
  const work = eachBounded([1, 2, 3, 4, 5, 6], 2, async (item) => {
    begun += 1;
    await setImmediate();
    if (item === 2) throw new Error("no");
    return item;
  });
  await expect(work).rejects.toThrow("no");
  expect(begun).toBeLessThan(5);
});
