import { columns } from "./table.ts";
import { widthOf } from "./width.ts";

/** A row whose last part is sentences: they are wrapped, its cells are not. */
export interface HangingRow {
  readonly cells: readonly string[];
  /** Each begins a line of its own. */
  readonly texts: readonly string[];
}

const gap = "  ";
/** A column of text narrower than this is read worse than one below its row. */
const textWidthMin = 32;
const belowIndent = 4;

/** Aligned cells, and beside them texts that are broken at blanks: no line is wider than the terminal, but for a long word. */
export const hanging = (rows: readonly HangingRow[], width: number): string => {
  const { lines: heads, widths } = columns(rows.map(({ cells }) => [...cells, "|"]));
  const beside = widths.slice(0, -1).reduce((sum, one) => sum + one + gap.length, 0);
  const isBeside = width - beside >= textWidthMin;
  const indent = isBeside ? beside : belowIndent;
  return rows
    .flatMap(({ texts }, index) => {
      const head = (heads[index] ?? "").slice(0, -1);
      const [first = "", ...rest] = texts.flatMap((text) => wrapped(text, width - indent));
      const below = (line: string): string => " ".repeat(indent) + line;
      const lines = isBeside
        ? [head + first, ...rest.map(below)]
        : [head, ...[first, ...rest].map(below)];
      return lines.map((line) => line.trimEnd());
    })
    .join("\n");
};

/** Broken at blanks; a word that is longer stands alone and whole, so that it can be copied. */
const wrapped = (text: string, width: number): readonly string[] => {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line === undefined || widthOf(line) + 1 + widthOf(word) > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
};
