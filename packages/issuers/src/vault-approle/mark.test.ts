import { credentialId, rotationId } from "@rekey/domain";
import fc from "fast-check";
import { expect, test } from "vitest";
import { metadataOf, parseMark, sameMark } from "./mark.ts";

const marks = fc.record({
  credential: fc.string({ minLength: 1 }).map(credentialId),
  version: fc.nat(),
  rotation: fc.string({ minLength: 1 }).map(rotationId),
});

test("a mark is read back from what was written, with whatever Vault adds", () => {
  fc.assert(
    fc.property(marks, fc.dictionary(fc.string(), fc.string()), (mark, others) => {
      expect(parseMark({ ...others, role_name: "app", ...metadataOf(mark) })).toEqual(mark);
    }),
  );
});

test("two marks are the same only when all three names are", () => {
  fc.assert(
    fc.property(marks, marks, (one, other) => {
      const same = JSON.stringify(metadataOf(one)) === JSON.stringify(metadataOf(other));
      expect(sameMark(one, other)).toBe(same);
    }),
  );
});

test.each([
  {},
  { rekey_credential: "a", rekey_version: "1" },
  { rekey_version: "1", rekey_rotation: "r" },
  { rekey_credential: "a", rekey_rotation: "r" },
  { rekey_credential: "a", rekey_version: "1.0", rekey_rotation: "r" },
  { rekey_credential: "a", rekey_version: " 1", rekey_rotation: "r" },
  { rekey_credential: "a", rekey_version: "1e3", rekey_rotation: "r" },
  { rekey_credential: "a", rekey_version: "9007199254740993", rekey_rotation: "r" },
])("metadata that is not exactly ours is no mark: %j", (metadata) => {
  expect(parseMark(metadata)).toBeUndefined();
});
