import { expect, test } from "vitest";
import { hostFindings } from "./committed-hosts.ts";
import { projectTree, treeOf } from "./tree.ts";

test("no file holds a machine's path or a registry's host", () => {
  expect(hostFindings(projectTree())).toEqual([]);
});

// Put together here so that this file does not hold them.
test.each([
  ["cd ", "/ro", "ot/project/x"],
  ['"/ho', "me/someone/x", '"'],
  ["=/Use", "rs/someone/x"],
  ["https://regis", "try.npmjs.org/pg"],
  ["https://unp", "kg.com/knip"],
  ["    resolution: {integrity: x, tar", "ball: y}"],
])("%s… is caught", (...parts) => {
  expect(hostFindings(treeOf({ "a.md": parts.join("") }))).toHaveLength(1);
});

test.each(["packages/work/src", "~/root/x", "the registry of producers", "/var/lib/rekey"])(
  "%s is no such thing",
  (text) => {
    expect(hostFindings(treeOf({ "a.md": text }))).toEqual([]);
  },
);
