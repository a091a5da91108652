import { pages, type Page } from "@rekey/docs";
import { expect, test } from "vitest";
import { planted, projectTree, treeOf, type Tree } from "./tree.ts";

const folder = "docs/reference/";

const staleFindings = (tree: Tree, wanted: readonly Page[]): readonly string[] => {
  const files = wanted.map(({ file }) => folder + file);
  const strays = tree.paths.filter((path) => path.startsWith(folder) && !files.includes(path));
  const stale = wanted.filter(({ file, text }) => {
    const path = folder + file;
    return !tree.paths.includes(path) || tree.read(path) !== text;
  });
  return [
    ...stale.map(({ file }) => `${folder}${file} is not current: pnpm docs:write`),
    ...strays,
  ];
};

test("every page of docs/reference is what the code says now", () => {
  expect(staleFindings(projectTree(), pages())).toEqual([]);
});

const wanted = [{ file: "states.md", text: "# States\n" }];
const current = treeOf({ [`${folder}states.md`]: "# States\n" });

test("a page that is current passes", () => {
  expect(staleFindings(current, wanted)).toEqual([]);
});

test("a page edited by hand, and one that is missing, are caught", () => {
  const edited = planted(current, { [`${folder}states.md`]: "# States\n\nA note.\n" });
  const missing = planted(current, { [`${folder}states.md`]: undefined });
  expect(staleFindings(edited, wanted)).toHaveLength(1);
  expect(staleFindings(missing, wanted)).toHaveLength(1);
});

test("a page that nothing writes is caught", () => {
  const path = `${folder}forgotten.md`;
  expect(staleFindings(planted(current, { [path]: "" }), wanted)).toEqual([path]);
});

test("no page is empty because an export it shows is gone", () => {
  for (const { file, text } of pages()) expect(text, file).toMatch(/^(\| \[?`|```mermaid)/m);
});
