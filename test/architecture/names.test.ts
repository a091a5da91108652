import { expect, test } from "vitest";
import { fileNameFindings, indexFindings } from "./names.ts";
import { projectTree, treeOf } from "./tree.ts";

const tree = projectTree();

test("every source file is named in kebab-case", () => {
  expect(fileNameFindings(tree)).toEqual([]);
});

test.each([
  "packages/ledger/src/caseRow.ts",
  "packages/ledger/src/case_row.ts",
  "infra/lint/rules/NoReveal.js",
  "packages/ledger/migrations/1-cases.sql",
])("%s is caught", (path) => {
  expect(fileNameFindings(treeOf({ [path]: "" }))).toHaveLength(1);
});

test.each(["packages/a/src/case-row.integration.test.ts", "packages/a/migrations/0001-cases.sql"])(
  "%s is a good name",
  (path) => {
    expect(fileNameFindings(treeOf({ [path]: "" }))).toEqual([]);
  },
);

test("every index lists names only", () => {
  expect(indexFindings(tree)).toEqual([]);
});

test.each(['export * from "./a.ts";', "export const a = 1;", 'import "./a.ts";'])(
  "an index with %s is caught",
  (line) => {
    const path = "packages/ledger/src/index.ts";
    expect(indexFindings(treeOf({ [path]: line }))).toHaveLength(1);
  },
);

test("an index of names, types and comments passes", () => {
  const text =
    '/** Why. */\nexport { a, type B } from "./a.ts";\nexport type { C } from "./c.ts";\n';
  expect(indexFindings(treeOf({ "packages/a/src/index.ts": text }))).toEqual([]);
});
