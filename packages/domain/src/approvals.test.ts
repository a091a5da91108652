import { expect, test } from "vitest";
import { distinctApprovals } from "./approvals.ts";

test.each([
  [[], 0],
  [["jwt:a"], 1],
  [["jwt:a", "jwt:a"], 1],
  [["jwt:a", "mtls:b"], 2],
  [["local:ann"], 1],
  [["local:ann", "local:bob"], 1],
  [["local:ann", "jwt:a"], 1],
  [["jwt:a", "local:ann", "jwt:b"], 2],
])("of %j %i people approved", (people, count) => {
  expect(distinctApprovals(people)).toBe(count);
});
