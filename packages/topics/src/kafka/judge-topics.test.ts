import { expect, test } from "vitest";
import { judgeCopies } from "./judge-topics.ts";

const copies = (replicas: number, insync: number | undefined) =>
  ["a", "b", "c", "d", "e"].map((topic) => ({ topic, replicas, insync }));

test("topics that are weak in the same way are one line, with what to do, and none is a failure", () => {
  expect(judgeCopies(copies(3, 1), 3)).toEqual([
    {
      name: "topics copies",
      ok: true,
      found:
        "3 copies, min.insync.replicas 1: what was acknowledged may be lost with one broker: a, b, c and 2 more",
      next: "set min.insync.replicas=2",
    },
  ]);
});

test("what is strong says how strong, and what the brokers do not show is no guess", () => {
  const [strong, unseen] = [judgeCopies(copies(3, 2), 3), judgeCopies(copies(3, undefined), 3)];
  expect(strong).toEqual([{ name: "topics copies", ok: true, found: "3 copies, 2 in sync" }]);
  expect(judgeCopies([], 3)).toEqual([]);
  expect(unseen[0]?.found).toBe("3 copies, settings are not shown to us");
});
