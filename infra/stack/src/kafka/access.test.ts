import { readFile } from "node:fs/promises";
import { topicNames } from "@rekey/contracts";
import { expect, test } from "vitest";
import { roomFile } from "../install/locate.ts";
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

// One word for each right, so that two ways to write the same are equal.
const rightsOf = (some: Pick<(typeof grants)[number], keyof (typeof grants)[number]>): string[] =>
  some.operations.map((operation) =>
    [
      some.principal,
      operation.toLowerCase(),
      some.kind,
      some.name,
      some.prefixed ? "prefixed" : "literal",
    ].join(" "),
  );

const documentedRights = (page: string): string[] =>
  [...page.matchAll(/^acl (.+)$/gm)].flatMap(([, words = ""]) => {
    const all = (option: string): string[] =>
      [...words.matchAll(new RegExp(`--${option} (\\S+)`, "g"))].map(([, value = ""]) => value);
    const [principal = ""] = all("allow-principal").map((value) => value.replace("User:", ""));
    const pattern = all("resource-pattern-type")[0] ?? "literal";
    return (["topic", "group"] as const).flatMap((kind) =>
      all(kind).flatMap((name) =>
        all("operation").map((operation) =>
          [principal, operation.toLowerCase(), kind, name, pattern].join(" "),
        ),
      ),
    );
  });

test("docs/production.md grants exactly what is granted here", async () => {
  const page = await readFile(roomFile("../../docs/production.md"), "utf8");
  const documented = documentedRights(page).toSorted();
  expect(documented).toEqual(grants.flatMap(rightsOf).toSorted());
  expect(
    documentedRights(page.replace("--topic rekey.in.scanner", "--topic rekey.in.any")),
  ).not.toEqual(documentedRights(page));
});
