import * as domain from "@rekey/domain";
import { expect, test } from "vitest";
import { checkFindings } from "./checks.ts";
import { projectTree, treeOf } from "./tree.ts";

const first = "packages/ledger/migrations/0001_rotations.sql";
const second = "packages/ledger/migrations/0002_more.sql";
const states = { rotationStates: ["running", "waiting"] };

test("every CHECK of the ledger allows exactly what the domain's union allows", () => {
  expect(checkFindings(projectTree(), domain)).toEqual([]);
});

const table = (check: string): string =>
  `create table rekey.rotations (\n  state text ${check}\n);`;

test("a CHECK equal to its union passes, in any order", () => {
  const sql = table("not null check (state in ('waiting', 'running')), -- = domain.rotationStates");
  expect(checkFindings(treeOf({ [first]: sql }), states)).toEqual([]);
});

test("a CHECK that lacks a state is caught", () => {
  const sql = table("check (state in ('running')) -- = domain.rotationStates");
  expect(checkFindings(treeOf({ [first]: sql }), states)).toEqual([
    "rekey.rotations.state: domain.rotationStates has also [waiting], the CHECK has also []",
  ]);
});

test("a nullable CHECK over several lines that has a state too many is caught", () => {
  const list = "'running',\n 'waiting',\n 'stuck'\n";
  const sql = table(`check (state is null or state in (${list})) -- = domain.rotationStates`);
  expect(checkFindings(treeOf({ [first]: sql }), states)).toHaveLength(1);
});

test("a CHECK that names no union, or one that is not there, is caught", () => {
  const silent = table("check (state in ('running', 'waiting'))");
  const wrong = table("check (state in ('running', 'waiting')) -- = domain.rotationModes");
  expect(checkFindings(treeOf({ [first]: silent }), states)).toHaveLength(1);
  expect(checkFindings(treeOf({ [first]: wrong }), states)).toHaveLength(1);
});

test("the CHECK of the last migration counts", () => {
  const old = table("check (state in ('running')) -- = domain.rotationStates");
  const added =
    "alter table rekey.rotations add constraint rotations_state check (state in ('running', 'waiting')); -- = domain.rotationStates";
  expect(checkFindings(treeOf({ [first]: old, [second]: added }), states)).toEqual([]);
});
