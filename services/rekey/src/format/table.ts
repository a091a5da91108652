import { stripVTControlCharacters } from "node:util";

const gap = "  ";

/** Aligned columns, the last one ragged. An empty list has its own words. */
export const table = (titles: readonly string[], rows: readonly (readonly string[])[]): string => {
  const lines = [titles, ...rows];
  const widths = titles.map((_, column) =>
    Math.max(...lines.map((cells) => widthOf(cells[column] ?? ""))),
  );
  return lines.map((cells) => lineOf(cells, widths)).join("\n");
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

const widthOf = (text: string): number => stripVTControlCharacters(text).length;
