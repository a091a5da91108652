import { expect, test } from "vitest";
import { linkFindings } from "./links.ts";
import { planted, projectTree, treeOf } from "./tree.ts";

test("every relative link of every page leads to a file, a folder or a heading", () => {
  expect(linkFindings(projectTree())).toEqual([]);
});

const around = treeOf({
  "docs/operations.md": "# Operations\n\n## Back up\n\n## `pause` and modes\n\n## Back up\n",
  "packages/ledger/README.md": "# Ledger\n",
});

const withPage = (text: string): readonly string[] =>
  linkFindings(planted(around, { "docs/README.md": text }));

test.each([
  "[a](operations.md)",
  "[a](./operations.md#back-up)",
  "[a](operations.md#back-up-1)",
  "[a](operations.md#pause-and-modes)",
  "[a](../packages/ledger/README.md 'x')".replaceAll("'", '"'),
  "[a](../packages/ledger)",
  "[a](https://example.org/missing.md)",
  "# Here\n\n[a](#here)",
  "[a]\n\n[a]: operations.md",
  "`[a](missing.md)`",
  "```md\n[a](missing.md)\n```",
])("%s is a good link", (text) => {
  expect(withPage(text)).toEqual([]);
});

test.each([
  "[a](missing.md)",
  "![a](images/missing.png)",
  "[a](../ledger/README.md)",
  "[a](/docs/operations.md)",
  "[a](operations.md#restore)",
  "[a](#restore)",
  "[a]\n\n[a]: missing.md",
  '<img src="images/missing.png">',
  "```md\ncode\n```\n\n[a](missing.md)",
])("%s is caught", (text) => {
  expect(withPage(text)).toHaveLength(1);
});

test("a link that dies with its target is caught in the tree as it stands", () => {
  const tree = planted(projectTree(), { "docs/events.md": undefined });
  expect(linkFindings(tree)).toContain("docs/README.md: events.md does not exist");
});
