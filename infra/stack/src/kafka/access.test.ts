import { topicNames } from "@rekey/contracts";
import { expect, test } from "vitest";
import { grants, producers } from "./access.ts";

const writersOf = (topic: string): string[] =>
  grants
    .filter(({ kind, operations }) => kind === "topic" && operations.includes("write"))
    .filter(({ name, prefixed }) => (prefixed ? topic.startsWith(name) : topic === name))
    .map(({ principal }) => principal);

test.each(producers)("only %s writes its topic, so a record tells who wrote it", (producer) => {
  expect(writersOf(`rekey.in.${producer}`)).toEqual([producer]);
});

test("consumers acknowledge on one topic, and nothing of Rekey does it for them", () => {
  expect(writersOf(topicNames.moved)).toEqual(["payments"]);
});

test.each([topicNames.audit, topicNames.announcements, topicNames.quarantine, topicNames.api])(
  "only Rekey writes %s",
  (topic) => {
    expect(writersOf(topic)).toEqual(["rekey"]);
  },
);
