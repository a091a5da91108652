import { expect, test } from "vitest";
import { distinctApprovals, isApproved } from "./approvals.ts";

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

const [ada, grace] = ["jwt:https://login.example.org#ada", "jwt:https://login.example.org#grace"];

test.each<readonly [string, string | undefined, readonly string[], boolean]>([
  ["nobody's request", undefined, ["local:ann"], true],
  ["nobody's request without a word", undefined, [], false],
  ["a feed's request", "hr/leavers", [ada], true],
  ["a request and another person of the same issuer", ada, [grace], true],
  ["a request and its own author", ada, [ada], false],
  ["the socket's request and one token", "local:ann", [ada], false],
  ["the socket's request and one token twice", "local:ann", [ada, ada], false],
  ["the socket's request and two tokens", "local:ann", [ada, grace], true],
  ["the socket's request and another socket", "local:ann", ["local:bob", ada], false],
  ["a certificate's request and one token", "mtls:spiffe://example.org/ci", [ada], false],
  ["a certificate's request and two tokens", "mtls:spiffe://example.org/ci", [ada, grace], true],
  ["a certificate's request and another one", "mtls:spiffe://a", ["mtls:spiffe://b"], true],
  ["a request by another issuer's token", "jwt:https://ci.example.org#x", [ada], false],
  ["ids that were cut before their subject", "jwt:long~1", ["jwt:long~2"], false],
])("%s: whether it is approved", (_name, ...row) => {
  const [requestedBy, approvedBy, approved] = row;
  const asked = { approvedBy, ...(requestedBy !== undefined && { requestedBy }) };
  expect(isApproved(asked)).toBe(approved);
});
