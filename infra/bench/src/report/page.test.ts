import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Figures } from "./figures.ts";
import { pageWith } from "./page.ts";

const page = join(import.meta.dirname, "../../../../docs/performance.md");
const flood = { alerts: 100, credentials: 10, cases: 10, seconds: 1.25 };
const figures: Figures = { M8: { ...flood, redelivered: { ...flood, seconds: 9 } } };

test("a run fills its own tables of the page and leaves the others", async () => {
  const before = await readFile(page, "utf8");
  const after = pageWith(before, figures);
  expect(after).toMatch(/<!-- flood -->\n\n\| alerts[^]*1\.3 +\| reached[^]*9\.0 +\| missed/);
  expect(pageWith(after, figures)).toBe(after);
  expect(after.split("<!-- flood -->")[0]).toBe(before.split("<!-- flood -->")[0]);
});

test("a page without a place for a table is refused", () => {
  expect(() => pageWith("# Performance\n", figures)).toThrow("no place for leaks");
});
