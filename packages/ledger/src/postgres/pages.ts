import type { Rows, TableName } from "../rows/rows.ts";
import { statement, type Database } from "./database.ts";
import { fromColumns, specOf } from "./tables.ts";

/** A condition over the alias `t` with its one parameter. */
export type Condition = readonly [text: (parameter: string) => string, value: unknown];

interface Query<Table extends TableName> {
  readonly table: Table;
  readonly always?: string;
  /** Those whose value is undefined do not restrict. */
  readonly where: readonly Condition[];
  readonly order: string;
  readonly limit: number;
}

/** One page of a table's rows. */
export const rowsOf = async <Table extends TableName>(
  database: Database,
  { table, always, where, order, limit }: Query<Table>,
): Promise<readonly Rows[Table][]> => {
  const fixed = always === undefined ? [] : [always];
  const used = where.filter(([, value]) => value !== undefined);
  const conditions = used.map(([text], index) => text(`$${index + 2}`));
  const condition = [...fixed, ...conditions, "true"].join(" and ");
  const text = `select to_jsonb(t) as document from ${specOf(table).table} t where ${condition} order by ${order} limit $1`;
  const parameters = [limit, ...used.map(([, value]) => value)];
  const rows = await statement<{ document: Record<string, unknown> }>(database, text, parameters);
  return rows.map(({ document }) => fromColumns(table, document));
};
