import { expect, test } from "vitest";
import { verdictOn } from "./verdict.ts";

test("tests run when nothing is missing", () => {
  expect(verdictOn([], { partsRequired: true })).toEqual({ tests: "run" });
});

test("a missing part skips its tests on a developer's machine and says what installs it", () => {
  expect(verdictOn(["kafka", "vault"], { partsRequired: false })).toEqual({
    tests: "skip",
    advice: "kafka and vault not installed: npx -y pnpm@10 stack install --only kafka,vault",
  });
});

test("a missing part fails its tests in CI", () => {
  expect(verdictOn(["redis"], { partsRequired: true })).toMatchObject({ tests: "fail" });
});
