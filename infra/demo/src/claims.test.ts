import { expect, test } from "vitest";
import { createClaims } from "./claims.ts";

const silent = { verdict: () => undefined };

test("a claim holds only when what was found is what was expected", () => {
  const claims = createClaims(silent);
  claims.equal("the old password is refused", { expected: "refused", found: "refused" });
  claims.equal("the old password is refused", { expected: "refused", found: "alive" });
  claims.equal("one case", { expected: 1, found: 2 });
  expect(claims.all.map(({ ok }) => ok)).toEqual([true, false, false]);
});

test("bounds belong to the range, and what lies outside fails with both named", () => {
  const claims = createClaims(silent);
  for (const found of [1, 5, 0, 6]) claims.between("payments", found, { min: 1, max: 5 });
  claims.between("payments", 0, { min: 1, max: Infinity });
  expect(claims.all.map(({ ok }) => ok)).toEqual([true, true, false, false, false]);
  expect(claims.all.at(-1)).toMatchObject({ expected: "at least 1", found: "0" });
});

test("not a number is never in a range", () => {
  const claims = createClaims(silent);
  claims.between("payments", Number.NaN, { min: 0, max: Infinity });
  expect(claims.all[0]?.ok).toBe(false);
});

test("a failed claim is printed with what was expected and what was found", () => {
  const printed: unknown[] = [];
  const claims = createClaims({ verdict: (...words) => printed.push(words) });
  claims.equal("the old password is refused", { expected: "refused", found: "alive" });
  expect(printed).toEqual([
    [false, "the old password is refused", "expected refused, found alive"],
  ]);
});
