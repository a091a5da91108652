import { expect, test } from "vitest";
import { weakCopies } from "./weak-copies.ts";

const weak = (replicas: number, insync: number | undefined, brokers: number) =>
  weakCopies([{ topic: "t", replicas, insync }], brokers).map(({ found }) => found);

test.each([
  [1, 1, 1],
  [1, 1, 2],
  [3, 2, 3],
  [4, 2, 5],
  [4, 3, 4],
  [3, undefined, 3],
])(
  "%i copies with %s in sync on %i brokers are as good as they can be",
  (replicas, insync, brokers) => {
    expect(weak(replicas, insync, brokers)).toEqual([]);
  },
);

test.each([
  [1, 1, 3, ["1 copy on 3 brokers"]],
  [2, undefined, 3, ["2 copies on 3 brokers"]],
  [3, 3, 3, ["3 copies, min.insync.replicas 3: one broker away stops writes"]],
  [2, 2, 2, ["2 copies, min.insync.replicas 2: one broker away stops writes"]],
  [3, 4, 3, ["3 copies, min.insync.replicas 4: one broker away stops writes"]],
  [3, 1, 3, ["3 copies, min.insync.replicas 1: what was acknowledged may be lost with one broker"]],
  [
    2,
    1,
    4,
    [
      "2 copies on 4 brokers",
      "2 copies, min.insync.replicas 1: what was acknowledged may be lost with one broker",
    ],
  ],
] as const)(
  "%i copies with %s in sync on %i brokers are told of",
  (...[replicas, insync, brokers, said]) => {
    expect(weak(replicas, insync, brokers)).toEqual(said);
  },
);

test("what to do is what the cluster can do", () => {
  const next = (replicas: number, insync: number, brokers: number) =>
    weakCopies([{ topic: "t", replicas, insync }], brokers).map((one) => one.next);
  expect(next(3, 1, 3)).toEqual(["set min.insync.replicas=2"]);
  expect(next(1, 1, 3)).toEqual([
    "give it 3 copies with kafka-reassign-partitions.sh, then min.insync.replicas=2",
  ]);
  expect(next(2, 1, 2)[0]).toMatch(/^add a broker/);
});
