/** Columns as wide as their longest cell. The first row is the head. */
export const tableText = (rows: readonly (readonly string[])[]): string => {
  const [head = []] = rows;
  const widths = head.map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (row: readonly string[]): string =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd();
  const [first = "", ...others] = rows.map(line);
  return [first, `  ${widths.map((width) => "─".repeat(width)).join("  ")}`, ...others, ""].join(
    "\n",
  );
};
