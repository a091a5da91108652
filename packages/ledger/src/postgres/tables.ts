import type { Rows, TableName } from "../rows/rows.ts";
import { inventoryTables } from "./inventory-tables.ts";
import { journalTables } from "./journal-tables.ts";
import { sagaTables } from "./saga-tables.ts";
import { cases, rotations } from "./stated-tables.ts";
import type { ColumnKind, TableSpec } from "./table-spec.ts";

/** Every kind of row and how it is kept; the names of columns follow from the names of fields. */
const tableSpecs = {
  ...inventoryTables,
  ...sagaTables,
  ...journalTables,
  rotations,
  cases,
};

type AnySpec = TableSpec<object, Record<string, unknown>>;
type Kept = Readonly<Record<string, unknown>>;

export const specOf = (name: TableName): AnySpec => tableSpecs[name] as unknown as AnySpec;

// `case` is a word of SQL; a hold's credential is the credential's own id.
const renamed: Readonly<Record<string, string>> = { case: "case_id", "holds.credential": "id" };

export const columnOf = (name: TableName, field: string): string =>
  renamed[`${name}.${field}`] ??
  renamed[field] ??
  field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

interface Column {
  readonly field: string;
  readonly column: string;
  readonly kind: ColumnKind;
}

/** Names are made once: every row that is read or written needs all of its table's. */
const columnsOf: ReadonlyMap<TableName, readonly Column[]> = new Map(
  (Object.keys(tableSpecs) as TableName[]).map((name) => [
    name,
    Object.entries(specOf(name).columns).map(([field, kind]) => ({
      field,
      column: columnOf(name, field),
      kind,
    })),
  ]),
);

/** A row as a JSON document of its columns, for `jsonb_populate_recordset`. */
export const toColumns = (name: TableName, row: object): Kept => {
  const spec = specOf(name);
  const kept = (spec.encode === undefined ? row : spec.encode(row)) as Kept;
  const document: Record<string, unknown> = {};
  for (const { field, column, kind } of columnsOf.get(name) ?? [])
    document[column] = outward(kept[field], kind);
  return document;
};

/** A row from the JSON document of its columns, as `to_jsonb` gives it; NULL is absent. */
export const fromColumns = <Table extends TableName>(name: Table, document: Kept): Rows[Table] => {
  const spec = specOf(name);
  const kept: Record<string, unknown> = {};
  for (const { field, column, kind } of columnsOf.get(name) ?? []) {
    const value = document[column];
    if (value !== null && value !== undefined) kept[field] = inward(value, kind);
  }
  return (spec.decode === undefined ? kept : spec.decode(kept)) as Rows[Table];
};

const outward = (value: unknown, kind: ColumnKind): unknown => {
  if (value === undefined) return null;
  if (kind === "instant") return new Date(value as number).toISOString();
  return kind === "bytes" ? `\\x${Buffer.from(value as string, "utf8").toString("hex")}` : value;
};

const inward = (value: unknown, kind: ColumnKind): unknown => {
  if (kind === "instant") return Math.floor(Date.parse(value as string));
  if (kind !== "bytes") return value;
  return Buffer.from((value as string).slice(2), "hex").toString("utf8");
};
