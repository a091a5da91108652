import { stepKinds } from "@rekey/domain";
import { expect, test } from "vitest";
import { projectTree, treeOf, type Tree } from "./tree.ts";

const stepFindings = (tree: Tree, kinds: readonly string[]): readonly string[] =>
  kinds
    .map((kind) => `packages/engine/src/steps/${kind}.ts`)
    .filter((path) => !tree.paths.includes(path));

test("every kind of step is one file of the engine", () => {
  expect(stepFindings(projectTree(), stepKinds)).toEqual([]);
});

test("a kind of step without its file is caught", () => {
  const tree = treeOf({ "packages/engine/src/steps/mint.ts": "" });
  expect(stepFindings(tree, ["mint", "stage"])).toEqual(["packages/engine/src/steps/stage.ts"]);
});
