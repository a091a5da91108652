import { expect, test } from "vitest";
import { mainFindings, roomFindings } from "./rooms.ts";
import { planted, projectTree, treeOf } from "./tree.ts";

const tree = projectTree();
const ledger = "packages/ledger";

test("every room says what it is for, what it must never do and how to add to it", () => {
  expect(roomFindings(tree)).toEqual([]);
});

test("a room without a README is caught", () => {
  const without = planted(tree, { [`${ledger}/README.md`]: undefined });
  expect(roomFindings(without)).toContain(`${ledger} has no README.md`);
});

test("a README that leaves out what the room must never do is caught", () => {
  const text = tree.read(`${ledger}/README.md`).replace("## What it must never do", "## Notes");
  expect(roomFindings(planted(tree, { [`${ledger}/README.md`]: text }))).toContain(
    `${ledger}/README.md has no section "## What it must never do"`,
  );
});

test("a room with another tag than the table gives it is caught", () => {
  const turbo = JSON.stringify({ extends: ["//"], tags: ["app"], tasks: {} });
  expect(roomFindings(planted(tree, { [`${ledger}/turbo.json`]: turbo }))).toContain(
    `${ledger}/turbo.json must carry the tag adapter`,
  );
});

test("a service that names more than its wiring is caught", () => {
  const path = "services/rekey/package.json";
  const manifest = JSON.parse(tree.read(path));
  manifest.dependencies["@rekey/ledger"] = "workspace:*";
  expect(roomFindings(planted(tree, { [path]: JSON.stringify(manifest) }))).toContain(
    "services/rekey is wiring only and must not name @rekey/ledger",
  );
});

test("a dependency with a version of its own is caught", () => {
  const path = `${ledger}/package.json`;
  const manifest = JSON.parse(tree.read(path));
  manifest.dependencies.pg = "^8.0.0";
  expect(roomFindings(planted(tree, { [path]: JSON.stringify(manifest) }))).toContain(
    `${ledger} names a version of pg outside the catalog`,
  );
});

test("a service's main.ts only wires", () => {
  expect(mainFindings(tree)).toEqual([]);
});

test("a main.ts that grew is caught", () => {
  const path = "services/intake/src/main.ts";
  expect(mainFindings(treeOf({ [path]: "start();\n".repeat(20) }))).toEqual([]);
  expect(mainFindings(treeOf({ [path]: "start();\n".repeat(21) }))).toHaveLength(1);
});
