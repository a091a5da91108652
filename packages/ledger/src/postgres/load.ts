import type { Instant } from "@rekey/domain";
import type { Pool, PoolClient } from "pg";
import type { Tables } from "../rows/draft.ts";
import { keyOf, type Rows, type TableName } from "../rows/rows.ts";
import { prepared } from "./prepared.ts";
import { fromColumns, specOf } from "./tables.ts";

/** Conditions by table over the alias `t`, with the parameters of the whole selection: `t.credential = $1`. */
export type Selection = { readonly [Table in TableName]?: string };

type Answer = { readonly now: Date } & Readonly<Record<string, readonly object[]>>;

type Loaded = { readonly now: Instant; readonly tables: Tables };

/** Rows of several tables as one statement, so as one snapshot; and PostgreSQL's time, after every lock was got. */
export const loadRows = async (
  client: Pool | PoolClient,
  selection: Selection,
  parameters: readonly unknown[],
): Promise<Loaded> => (await sentLoad(client, selection, parameters))();

/** The same in two: the answer has come, and reading it is left to the caller. */
export const sentLoad = async (
  client: Pool | PoolClient,
  selection: Selection,
  parameters: readonly unknown[],
): Promise<() => Loaded> => {
  const names = Object.keys(selection) as TableName[];
  const result = await prepared<Answer>(client, selectionText(selection, names), parameters);
  return () => loadedOf(names, result.rows[0]);
};

const loadedOf = (names: readonly TableName[], row: Answer | undefined): Loaded => {
  const tables = names.map((name) => [name, keyed(name, row?.[name] ?? [])] as const);
  return { now: (row?.now ?? new Date(0)).getTime(), tables: Object.fromEntries(tables) as Tables };
};

const selectionText = (selection: Selection, names: readonly TableName[]): string => {
  const parts = names.map(
    (name) =>
      `(select coalesce(json_agg(t), '[]') from ${specOf(name).table} t where ${selection[name]}) as "${name}"`,
  );
  return ["select clock_timestamp() as now", ...parts].join(", ");
};

const keyed = (name: TableName, documents: readonly object[]): ReadonlyMap<string, unknown> => {
  const key = keyOf[name] as (row: Rows[TableName]) => string;
  return new Map(
    documents.map((document) => {
      const row = fromColumns(name, document as Readonly<Record<string, unknown>>);
      return [key(row), row];
    }),
  );
};
