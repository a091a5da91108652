import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { repositoryFile } from "../run/layout.ts";
import { createPaint } from "../terminal/paint.ts";
import type { CaseRow } from "./case-row.ts";
import { summaryCells, summaryColumns, plainSummary } from "./summary.ts";

const at = Date.parse("2026-03-02T09:15:00.000Z");
const leak: CaseRow = {
  kind: "incident",
  credential: "payments-db",
  mode: "act",
  reportedAt: at,
  containedAt: at + 80,
  provenDeadAt: at + 12_340,
  completedAt: at + 13_000,
  oldProbe: "dead",
  newProbe: "alive",
  consumersMoved: 1,
};
const observed: CaseRow = {
  kind: "incident",
  credential: "staging-db",
  mode: "observe",
  reportedAt: at,
  oldProbe: "alive",
  consumersMoved: 0,
};
const payments = { ok: 10, failedInContainment: 2, failedOutsideContainment: 0 };

test("times of the data file are RFC 3339, and absent where there was none", () => {
  const data = plainSummary({ rows: [leak, observed], payments, orphans: ["r"], doubled: [] });
  expect(data).toEqual({
    cases: [
      {
        ...leak,
        reportedAt: "2026-03-02T09:15:00.000Z",
        containedAt: "2026-03-02T09:15:00.080Z",
        provenDeadAt: "2026-03-02T09:15:12.340Z",
        completedAt: "2026-03-02T09:15:13.000Z",
      },
      { ...observed, reportedAt: "2026-03-02T09:15:00.000Z" },
    ],
    payments,
    orphans: 1,
    duplicates: 0,
  });
});

test("the table counts from the report and leaves out what did not happen", () => {
  const [first, second] = summaryCells([leak, observed], createPaint(false));
  expect(first?.slice(2)).toEqual(["0.08 s", "12.3 s", "1", "dead → alive"]);
  expect(second?.slice(2)).toEqual(["–", "–", "0", "alive, observed"]);
});

/** The titles of the one table in a text: the line above its rule. */
function titlesIn(text: string): string[] | undefined {
  const lines = text.split("\n");
  const header = lines[lines.findIndex((line) => /^ {2}─+$/.test(line)) - 1];
  return header?.trim().split(/ {2,}/);
}

test("the table in the project's README has the columns that a run prints", () => {
  const readme = readFileSync(repositoryFile("README.md"), "utf8");
  const titles = summaryColumns.map(({ title }) => title);
  expect(titlesIn(readme)).toEqual(titles);
  expect(titlesIn(readme.replace("proven dead after", "dead after"))).not.toEqual(titles);
  expect(titlesIn("no table")).toBeUndefined();
});
