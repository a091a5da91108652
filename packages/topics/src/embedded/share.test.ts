import fc from "fast-check";
import { expect, test } from "vitest";
import { partitionOfKey } from "./partition-of-key.ts";
import { shareOf } from "./share.ts";

const groups = fc.record({
  ids: fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 8 }),
  topics: fc.array(fc.integer({ min: 1, max: 16 }), { minLength: 1, maxLength: 4 }),
});

const partitionsOf = (topics: readonly number[]) =>
  topics.flatMap((count, topicId) =>
    Array.from({ length: count }, (_, number) => ({ topicId, number })),
  );

test("every partition falls to exactly one member, and shares differ by at most one", () => {
  fc.assert(
    fc.property(groups, ({ ids, topics }) => {
      const partitions = partitionsOf(topics);
      const topicIds = topics.map((_, topicId) => topicId);
      const members = ids.map((id) => ({ id, topicIds }));
      const shares = ids.map((id) => shareOf(id, members, partitions));
      const given = shares.flat().map(({ topicId, number }) => `${topicId}/${number}`);
      expect(given).toHaveLength(partitions.length);
      expect(new Set(given).size).toBe(partitions.length);
      const sizes = shares.map((share) => share.length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});

test("a member gets partitions of the topics it subscribed only", () => {
  const members = [
    { id: "a", topicIds: [0] },
    { id: "b", topicIds: [0, 1] },
  ];
  const partitions = partitionsOf([4, 4]);
  const ofA = shareOf("a", members, partitions);
  expect(ofA.every(({ topicId }) => topicId === 0)).toBe(true);
  expect(ofA).toHaveLength(2);
  expect(shareOf("b", members, partitions).filter(({ topicId }) => topicId === 1)).toHaveLength(4);
});

test("a key's partition never changes between releases", () => {
  const known = ["", "a", "payments-db", "ü🔑"].map((key) => partitionOfKey(key, 12));
  expect(known).toMatchInlineSnapshot(`
    [
      2,
      2,
      9,
      8,
    ]
  `);
});

test("keys spread over all partitions", () => {
  const counts = Array.from({ length: 12 }, () => 0);
  for (let key = 0; key < 12_000; key += 1) {
    const partition = partitionOfKey(`credential-${key}`, 12);
    counts[partition] = (counts[partition] ?? 0) + 1;
  }
  expect(Math.min(...counts)).toBeGreaterThan(800);
});
