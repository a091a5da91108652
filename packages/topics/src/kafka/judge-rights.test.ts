import { expect, test } from "vitest";
import { judgeRights } from "./judge-rights.ts";

const use = { reads: ["in.a", "in.b"], writes: ["out"], group: "rekey-intake" };
const told = (name: string, read?: boolean, write?: boolean) => ({ name, read, write });
const groups = [told("rekey-intake.in.a", true), told("rekey-intake.in.b", true)];

test("only what is used has to be granted", () => {
  const topics = [told("in.a", true, false), told("in.b", true, false), told("out", false, true)];
  expect(judgeRights(use, { topics, groups }, "rekey")).toEqual({
    name: "topics rights",
    ok: true,
    found: "2 topics may be read, 1 written",
  });
});

test("each right that is missing is named with the rule that grants it", () => {
  const topics = [told("in.a", true, false), told("in.b", false, false), told("out", true, false)];
  const denied = [told("rekey-intake.in.a", true), told("rekey-intake.in.b", false)];
  const judged = judgeRights(use, { topics, groups: denied }, "rekey");
  expect(judged).toMatchObject({
    ok: false,
    found:
      "TOPIC_REJECTED (ACL_DENIED): without Read of topic in.b; Write of topic out; Read of group rekey-intake.in.b",
  });
  expect(judged.next).toContain(
    "kafka-acls.sh … --add --allow-principal User:rekey --operation Write --topic out",
  );
});

test("before there is a coordinator of groups topics are judged all the same", () => {
  const topics = [told("in.a", true), told("in.b", true), told("out", false, true)];
  const judged = judgeRights(use, { topics, groups: [told("rekey-intake.in.a")] }, "rekey");
  expect(judged).toMatchObject({
    ok: true,
    found: expect.stringContaining("2 topics may be read"),
  });
});

test("what the brokers do not tell is neither granted nor missing", () => {
  const topics = [told("in.a", true, true), told("in.b"), told("out", true, true)];
  expect(judgeRights(use, { topics, groups }, "rekey")).toMatchObject({
    ok: true,
    skipped: true,
    found: "the brokers do not tell of in.b",
  });
});
