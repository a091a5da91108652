import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Figures } from "./figures.ts";
import {
  floodRows,
  leakPartRows,
  leakRows,
  memoryRows,
  rotationRows,
  stepRows,
  type Rows,
} from "./rows.ts";

const pageFile = join(import.meta.dirname, "../../../../docs/performance.md");

const tables: Readonly<Record<string, (figures: Figures) => Rows>> = {
  leaks: leakRows,
  parts: leakPartRows,
  rotations: rotationRows,
  steps: stepRows,
  flood: floodRows,
  memory: memoryRows,
};

/** Replaces the tables of docs/performance.md that this run measured; the others stay. */
export const writePage = async (figures: Figures): Promise<void> => {
  await writeFile(pageFile, pageWith(await readFile(pageFile, "utf8"), figures));
};

/** The page with what was measured between its markers: `<!-- leaks -->` to `<!-- /leaks -->`. */
export const pageWith = (page: string, figures: Figures): string =>
  Object.entries(tables).reduce((text, [name, rowsOf]) => {
    const rows = rowsOf(figures);
    const markers = new RegExp(`(<!-- ${name} -->\\n)[^]*?(<!-- /${name} -->)`);
    if (!markers.test(text)) throw new Error(`the page has no place for ${name}`);
    if (rows.length < 2) return text;
    return text.replace(
      markers,
      (_, begin: string, end: string) => `${begin}\n${markdown(rows)}\n\n${end}`,
    );
  }, page);

const markdown = (rows: Rows): string => {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(3, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(head), rule, ...body.map(line)].join("\n");
};
