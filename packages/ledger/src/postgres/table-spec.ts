import type { Rows, TableName } from "../rows/rows.ts";

/** `instant`: timestamptz, milliseconds here. `bytes`: bytea, text here. Everything else is the same on both sides. */
export type ColumnKind = "plain" | "instant" | "bytes";

type Columns<Row> = { readonly [Field in keyof Required<Row>]: ColumnKind };

/** How one kind of row is kept: where, by which key, in which columns. */
export interface TableSpec<Row, Kept = Row> {
  readonly table: string;
  readonly key: readonly (keyof Kept & string)[];
  readonly columns: Columns<Kept>;
  /** In which order rows are written, where another than by key keeps two transactions from waiting for each other. */
  readonly order?: (row: Row) => string;
  /** `update`: the row is there already. `insert`: PostgreSQL gives the key, which is never sent. `append`: never there yet, and never changed. */
  readonly write: "upsert" | "update" | "insert" | "append";
  readonly encode?: (row: Row) => Kept;
  readonly decode?: (kept: Kept) => Row;
}

/** Tables whose columns are the fields of their rows. */
export type PlainSpecs<Table extends TableName> = {
  readonly [Name in Table]: TableSpec<Rows[Name]>;
};

export const plain = "plain";
export const instant = "instant";
export const bytes = "bytes";
