import { pages, type Page } from "@rekey/docs";
import { expect, test } from "vitest";
import { planted, projectTree, type Tree } from "./tree.ts";

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

const tree = projectTree();

test("every page of docs/reference is what the code says now", () => {
  expect(staleFindings(tree, pages())).toEqual([]);
});

test("a page edited by hand is caught", () => {
  const path = `${folder}fault-codes.md`;
  const edited = planted(tree, { [path]: `${tree.read(path)}\nA note.\n` });
  expect(staleFindings(edited, pages())).toHaveLength(1);
});

test("a page that nothing writes is caught", () => {
  const path = `${folder}forgotten.md`;
  expect(staleFindings(planted(tree, { [path]: "" }), pages())).toEqual([path]);
});
