import { expect, test } from "vitest";
import { projectTree, treeOf, type Tree } from "./tree.ts";

const ofCommandLine = /^services\/rekey\/src\/(?!.*\.test\.ts$).*\.ts$/;
/** `import type` costs nothing; `await import` is paid by the command that needs it. */
const loadsServices = /^(?:import|export) (?!type\b)[^;]*from "@rekey\/app"/m;

/** Files by which every command would load the database's client, the brokers' and all providers: a second for each call. */
const eagerFindings = (tree: Tree): readonly string[] =>
  tree.paths.filter((path) => ofCommandLine.test(path) && loadsServices.test(tree.read(path)));

test("a command that asks the gateway loads nothing of the services", () => {
  expect(eagerFindings(projectTree())).toEqual([]);
});

test("a command line that loads the services at its start is caught", () => {
  const path = "services/rekey/src/commands/up.ts";
  const eager = treeOf({ [path]: 'import {\n  type Up,\n  runUp,\n} from "@rekey/app";\n' });
  expect(eagerFindings(eager)).toEqual([path]);
  const lazy = 'import type { Up } from "@rekey/app";\nconst up = await import("@rekey/app");\n';
  expect(eagerFindings(treeOf({ [path]: lazy }))).toEqual([]);
});
