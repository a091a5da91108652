// Outside code spans a `<` would start a tag; a bar ends the cell even inside one.
const escaped = (cell: string): string =>
  cell
    .split("`")
    .map((part, index) => (index % 2 === 0 ? part.replaceAll("<", "&lt;") : part))
    .join("`")
    .replaceAll("|", "\\|")
    .replaceAll("\n", " ");

const row = (cells: readonly string[]): string => `| ${cells.map(escaped).join(" | ")} |`;

/** A Markdown table; every row has as many cells as there are headings. */
export const table = (headings: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(headings), row(headings.map(() => "---")), ...rows.map(row)].join("\n");

export const code = (text: string): string => `\`${text}\``;

/** A page with its title; the first line tells a reader where to change it. */
export const page = (title: string, sections: readonly string[]): string =>
  [
    "<!-- Written by `pnpm docs:write` from the code. Change the code, then run it again. -->",
    `# ${title}`,
    ...sections,
  ].join("\n\n") + "\n";
