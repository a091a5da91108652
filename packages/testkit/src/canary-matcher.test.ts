import fc from "fast-check";
import { expect, test } from "vitest";
import { createMatcher } from "./canary-matcher.ts";

// Few different bytes, so that needles begin alike, overlap, and are nearly found.
const bytesOf = (limits: { minLength: number; maxLength: number }) =>
  fc.array(fc.constantFrom(0, 1, 255), limits).map((values) => ({ bytes: Buffer.from(values) }));

test("it finds what a search for each needle by itself finds, at the same places", () => {
  const needles = fc.array(bytesOf({ minLength: 4, maxLength: 7 }), { maxLength: 8 });
  const text = bytesOf({ minLength: 0, maxLength: 200 });
  fc.assert(
    fc.property(needles, text, (all, { bytes }) => {
      const found = createMatcher(all)(bytes);
      for (const needle of all) expect(found.get(needle) ?? -1).toBe(bytes.indexOf(needle.bytes));
    }),
  );
});

test("what would be found by chance is refused", () => {
  expect(() => createMatcher([{ bytes: Buffer.from("abc") }])).toThrow("too short");
});
