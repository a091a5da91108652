import { InvalidArgumentError } from "commander";

/** Rows of one call, and of one command. */
export const pageRows = 200;
const rowsMax = 100_000;

export const rowsDefault = 50;

/** `--limit`: a count of rows. */
export const rowCount = (text: string): number => {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= rowsMax) return count;
  throw new InvalidArgumentError(`must be a whole number from 1 to ${rowsMax}`);
};

interface PageOf<Row> {
  readonly rows: readonly Row[];
  readonly wire: readonly unknown[];
  readonly next?: string | undefined;
}

export interface Gathered<Row> {
  readonly rows: readonly Row[];
  readonly wire: readonly unknown[];
  /** There is more than was asked for. */
  readonly next?: string;
}

/** Page after page until `rowsWanted`, or the end. */
export const gatherPages = async <Row>(
  rowsWanted: number,
  ask: (query: { readonly limit: string; readonly after?: string }) => Promise<PageOf<Row>>,
): Promise<Gathered<Row>> => {
  const rows: Row[] = [];
  const wire: unknown[] = [];
  let next: string | undefined;
  do {
    const limit = String(Math.min(pageRows, rowsWanted - rows.length));
    const page = await ask({ limit, ...(next !== undefined && { after: next }) });
    rows.push(...page.rows);
    wire.push(...page.wire);
    next = page.next;
  } while (next !== undefined && rows.length < rowsWanted);
  return { rows, wire, ...(next !== undefined && { next }) };
};
