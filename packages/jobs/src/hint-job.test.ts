import type { Hint } from "@rekey/domain";
import { workKinds } from "@rekey/domain";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hintOf, jobIdOf } from "./hint-job.ts";

const hints: fc.Arbitrary<Hint> = fc.record({
  kind: fc.constantFrom(...workKinds),
  id: fc.oneof(fc.uuid({ version: 7 }), fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,62}$/)),
  generation: fc.nat(),
});

test("two hints have the same job id only when they are the same hint", () => {
  fc.assert(
    fc.property(hints, hints, (one, two) => {
      const same = JSON.stringify(one) === JSON.stringify(two);
      expect(jobIdOf(one) === jobIdOf(two)).toBe(same);
    }),
  );
});

test("a job id has no colon and is no number, as BullMQ refuses both", () => {
  fc.assert(
    fc.property(hints, (hint) => {
      expect(jobIdOf(hint)).not.toMatch(/:|^\d+$/);
    }),
  );
});

test("an id that a job id could not carry is our bug, and stops", () => {
  for (const id of ["", "a:b", "a b", "ü", "-a", "x".repeat(129)]) {
    expect(() => jobIdOf({ kind: "case", id, generation: 1 })).toThrow("a hint's id");
  }
});

test("a hint read back from a job is the hint that was put in", () => {
  fc.assert(
    fc.property(hints, (hint) => {
      expect(hintOf(JSON.parse(JSON.stringify(hint)))).toEqual(hint);
    }),
  );
});

test("whatever else a job holds is no hint", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (content) => {
      expect(hintOf(content)).toBeUndefined();
    }),
  );
  expect(hintOf({ kind: "other", id: "a", generation: 1 })).toBeUndefined();
  expect(hintOf({ kind: "case", id: "a:b", generation: 1 })).toBeUndefined();
  expect(hintOf({ kind: "case", id: "a", generation: 1.5 })).toBeUndefined();
});
