import canonicalize from "canonicalize";
import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson, sha256Hex } from "./canonical-json.ts";

const written = (write: (value: unknown) => string | undefined, value: unknown): string => {
  try {
    return write(value) ?? "nothing";
  } catch {
    return "refused";
  }
};

// Names in an order that objects do not keep, one that is no own property, and halves of a pair.
const key = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.nat({ max: 20 }).map(String),
  fc.constantFrom("__proto__", "toJSON", "\ud800", "\\ud800", "é", "\u{1F600}", ""),
);
const leaf = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.double(),
  fc.boolean(),
  fc.constantFrom(null, undefined, -0, 1e21, "\ud800", "\\ud800", new Date(0), Number.NaN),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: "small" }, leaf, tie("list"), tie("object")),
  list: fc.array(tie("value"), { maxLength: 4 }),
  object: fc.dictionary(key, tie("value"), { maxKeys: 5 }),
}));

test("canonical JSON is what the published implementation writes, and refuses what it refuses", () => {
  const nested = fc.oneof(value, fc.dictionary(key, value, { noNullPrototype: true }));
  fc.assert(
    fc.property(nested, (given) => {
      expect(written(canonicalJson, given)).toBe(
        given === undefined ? "refused" : written(canonicalize, given),
      );
    }),
    { numRuns: 500 },
  );
});

test("numbers as keys are sorted as text, which objects do not keep", () => {
  expect(canonicalJson({ 9: 1, 10: 2, a: { 2: 0, "1a": 0 } })).toBe(
    '{"10":2,"9":1,"a":{"1a":0,"2":0}}',
  );
});

test("a digest is SHA-256 in hex, of text as UTF-8", () => {
  const digest = "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c";
  expect(sha256Hex("é")).toBe(digest);
  expect(sha256Hex(new TextEncoder().encode("é"))).toBe(digest);
});
