import fc from "fast-check";
import { expect, test } from "vitest";
import { chunksOf } from "./append.ts";
import type { StoredRecord } from "./append.ts";

const stored = (bytes: number): StoredRecord => ({
  topicId: 1,
  number: 0,
  key: Buffer.alloc(0),
  headers: Buffer.alloc(0),
  value: new Uint8Array(bytes),
});

test("chunks keep every record in order, and only a single large record exceeds the limits", () => {
  const sizes = fc.array(fc.oneof(fc.nat(1_000), fc.constantFrom(1_000_000, 1_100_000)), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(sizes, (bytes) => {
      const records = bytes.map(stored);
      const chunks = chunksOf(records);
      expect(chunks.flat()).toEqual(records);
      for (const chunk of chunks) {
        const total = chunk.reduce((sum, record) => sum + record.value.length, 0);
        expect(chunk.length === 1 || total <= 4 * 1_048_576).toBe(true);
      }
    }),
    { numRuns: 30 },
  );
});

test("a chunk has at most 500 records", () => {
  const chunks = chunksOf(Array.from({ length: 1_201 }, () => stored(1)));
  expect(chunks.map((chunk) => chunk.length)).toEqual([500, 500, 201]);
});
