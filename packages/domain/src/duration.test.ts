import fc from "fast-check";
import { expect, test } from "vitest";
import { durationMaxMs, formatDuration, parseDuration } from "./duration.ts";

test("a duration is a whole number with its unit", () => {
  expect(parseDuration("15 m")).toBe(900_000);
  expect(parseDuration("24h")).toBe(86_400_000);
  expect(parseDuration("500 ms")).toBe(500);
  expect(parseDuration("0 s")).toBe(0);
});

test("a number without a unit, a fraction, a sign or a word is no duration", () => {
  const wrong = [
    "15",
    "1.5 h",
    "-1 m",
    "",
    " 1 m",
    "1 m ",
    "1  m",
    "1 M",
    "1 week",
    "1e3 s",
    "3651 d",
  ];
  expect(wrong.filter((text) => parseDuration(text) !== undefined)).toEqual([]);
});

test("what is written reads back as the same duration", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: durationMaxMs }), (milliseconds) => {
      expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds);
    }),
  );
  expect(formatDuration(900_000)).toBe("15 m");
  expect(formatDuration(86_400_000)).toBe("1 d");
});
