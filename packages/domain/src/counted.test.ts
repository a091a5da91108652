import { expect, test } from "vitest";
import { counted } from "./counted.ts";

test("one is singular, everything else is plural", () => {
  expect([0, 1, 2].map((count) => counted(count, "signal"))).toEqual([
    "0 signals",
    "1 signal",
    "2 signals",
  ]);
  expect([1, 2].map((count) => counted(count, "entry", "entries"))).toEqual([
    "1 entry",
    "2 entries",
  ]);
});
