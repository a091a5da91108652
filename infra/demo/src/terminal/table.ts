import { padEnd, padStart, widthOf } from "./paint.ts";

export interface Column {
  readonly title: string;
  /** Numbers and times line up at their end. */
  readonly right?: boolean;
}

interface TableOptions {
  readonly indent: number;
  readonly title: (text: string) => string;
  readonly rule: (text: string) => string;
}

const gap = "  ";

/** Lines of a table whose columns are as wide as their widest cell; colour does not count. */
export const table = (
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { indent, title, rule }: TableOptions,
): readonly string[] => {
  const widths = columns.map((column, index) =>
    Math.max(widthOf(column.title), ...rows.map((row) => widthOf(row[index] ?? ""))),
  );
  const lineOf = (cells: readonly string[]): string =>
    columns
      .map(({ right }, index) => {
        const pad = right === true ? padStart : padEnd;
        return pad(cells[index] ?? "", widths[index] ?? 0);
      })
      .join(gap)
      .trimEnd();
  const margin = " ".repeat(indent);
  const total = widths.reduce((sum, width) => sum + width, gap.length * (columns.length - 1));
  return [
    margin + title(lineOf(columns.map((column) => column.title))),
    margin + rule("─".repeat(total)),
    ...rows.map((row) => margin + lineOf(row)),
  ];
};
