import { faultCodes } from "@rekey/domain";
import { expect, test } from "vitest";
import { runbookFindings } from "./runbooks.ts";
import { planted, projectTree } from "./tree.ts";

const tree = projectTree();
const page = "docs/runbooks/HOLD_LOST.md";
const findings = (files: Readonly<Record<string, string | undefined>>): readonly string[] =>
  runbookFindings(planted(tree, files), faultCodes);

test("every fault code has its page with what a person does next, and no page is left over", () => {
  expect(runbookFindings(tree, faultCodes)).toEqual([]);
});

test("a fault code without a page is caught", () => {
  expect(findings({ [page]: undefined })).toEqual([`${page} is missing`]);
});

test("a page whose fault code is gone is caught", () => {
  expect(findings({ "docs/runbooks/DISK_TIRED.md": "# DISK_TIRED\n" })).toEqual([
    "docs/runbooks/DISK_TIRED.md is the page of no fault code",
  ]);
});

test.each([
  ["its title", "# HOLD_LOST", "# HOLD"],
  ["a section", "## What is safe", "## Notes"],
  ["what Rekey will do", "**retry**", "**wait**"],
  ["the next action", faultCodes.HOLD_LOST.next, "nothing"],
])("a page without %s is caught", (_what, part, instead) => {
  expect(findings({ [page]: tree.read(page).replaceAll(part, instead) })).toHaveLength(1);
});

test("a page that the index does not list is caught", () => {
  const index = "docs/runbooks/README.md";
  const text = tree.read(index).replaceAll("(HOLD_LOST.md)", "(README.md)");
  expect(findings({ [index]: text })).toEqual([`${index} does not list HOLD_LOST`]);
});
