import { widthOf } from "./width.ts";

const gap = "  ";

/** Aligned columns, the last one ragged. An empty list has its own words. */
export const table = (titles: readonly string[], rows: readonly (readonly string[])[]): string => {
  const { lines } = columns([titles, ...rows]);
  return lines.join("\n");
};

interface Columns {
  readonly lines: readonly string[];
  readonly widths: readonly number[];
}

/** Aligned lines, each column at least as wide as in the lines before: for what goes on. */
export const columns = (
  rows: readonly (readonly string[])[],
  before: readonly number[] = [],
): Columns => {
  const count = Math.max(0, ...rows.map((cells) => cells.length));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(before[column] ?? 0, ...rows.map((cells) => widthOf(cells[column] ?? ""))),
  );
  return { lines: rows.map((cells) => lineOf(cells, widths)), widths };
};

/** Names and what they stand for, one a line. */
export const pairs = (entries: readonly (readonly [string, string | undefined])[]): string => {
  const shown = entries.filter((entry): entry is readonly [string, string] => {
    const [, text] = entry;
    return text !== undefined && text !== "";
  });
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, text]) => `${name.padEnd(width)}${gap}${text}`).join("\n");
};

const lineOf = (cells: readonly string[], widths: readonly number[]): string =>
  cells
    .map((cell, column) =>
      column === cells.length - 1 ? cell : cell + " ".repeat((widths[column] ?? 0) - widthOf(cell)),
    )
    .join(gap)
    .trimEnd();
