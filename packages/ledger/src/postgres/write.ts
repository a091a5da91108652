import type { PoolClient } from "pg";
import type { Changes, Wake } from "../rows/draft.ts";
import { keyOf, type TableName } from "../rows/rows.ts";
import { prepared } from "./prepared.ts";
import { columnOf, specOf, toColumns } from "./tables.ts";

/** Writes everything a command left. */
export const writeChanges = async (client: PoolClient, changes: Changes): Promise<void> => {
  await Promise.all(sendChanges(client, changes));
};

/** The same, sent when it returns; throws before anything is sent where a row cannot be written down. */
export const sendChanges = (client: PoolClient, changes: Changes): readonly Promise<unknown>[] => {
  const statements = [
    ...rowsStatement(changes),
    ...wakeStatement("cases", changes.wakes),
    ...wakeStatement("rotations", changes.wakes),
  ];
  return statements.map(({ text, values }) => prepared(client, text, values));
};

/** Of values that pg always takes: one that it refuses stays behind while the next statements are sent. */
interface Statement {
  readonly text: string;
  readonly values: readonly (string | readonly string[] | readonly Date[])[];
}

/** All rows as one statement, or nothing. */
const rowsStatement = (changes: Changes): readonly Statement[] => {
  const parts = [...removals(changes), ...puts(changes)];
  if (parts.length === 0) return [];
  const text = textOf(parts.map(({ verb, table }) => ({ verb, table })));
  return [{ text, values: parts.map(({ documents }) => JSON.stringify(documents)) }];
};

interface Clause {
  readonly verb: "put" | "remove";
  readonly table: TableName;
}

interface Part extends Clause {
  readonly documents: readonly object[];
}

const puts = (changes: Changes): readonly Part[] =>
  (Object.keys(changes.puts) as TableName[]).toSorted().flatMap((table) => {
    const rows = changes.puts[table] ?? [];
    if (rows.length === 0) return [];
    const documents = inKeyOrder(table, rows).map((row) => toColumns(table, row));
    return [{ verb: "put", table, documents }];
  });

/** Rows are locked in one order; where PostgreSQL gives the key, the order is the command's. */
const inKeyOrder = (name: TableName, rows: readonly object[]): readonly object[] => {
  const { write, order } = specOf(name);
  if (rows.length < 2 || write === "insert") return rows;
  const key = order ?? (keyOf[name] as (row: object) => string);
  return rows
    .map((row) => ({ row, place: key(row) }))
    .sort((left, right) => (left.place < right.place ? -1 : 1))
    .map(({ row }) => row);
};

const removals = (changes: Changes): readonly Part[] =>
  (Object.keys(changes.removed) as TableName[]).map((table) => ({
    verb: "remove",
    table,
    documents: (changes.removed[table] ?? []).map((row) => toColumns(table, row)),
  }));

const texts = new Map<string, string>();

/** Which tables are written decides the text; commands leave few sets of them. */
const textOf = (clauses: readonly Clause[]): string => {
  const key = clauses.map(({ verb, table }) => `${verb} ${table}`).join();
  const known = texts.get(key);
  if (known !== undefined) return known;
  const parts = clauses.flatMap(({ verb, table }, index) => {
    const rows = recordset(table, index + 1);
    if (verb === "remove") return [removeText(table, rows)];
    return [putText(table, rows), ...(table === "versions" ? [fingerprintsText(rows)] : [])];
  });
  const named = parts.map((part, index) => `c${index} as (${part})`);
  const text = `with ${named.join(", ")} select 1`;
  texts.set(key, text);
  return text;
};

/** The rows of one table in a parameter, as `r`. */
export const recordset = (name: TableName, parameter: number): string =>
  `jsonb_populate_recordset(null::${specOf(name).table}, $${parameter}::jsonb) r`;

const quoted = (column: string): string => `"${column}"`;

const keyColumns = (name: TableName): readonly string[] =>
  specOf(name).key.map((field) => quoted(columnOf(name, field)));

const sameKey = (name: TableName): string => {
  const columns = keyColumns(name);
  return columns.length === 0
    ? "true"
    : columns.map((column) => `t.${column} = r.${column}`).join(" and ");
};

const removeText = (name: TableName, rows: string): string =>
  `delete from ${specOf(name).table} t using ${rows} where ${sameKey(name)}`;

const allColumns = (name: TableName): readonly string[] =>
  Object.keys(specOf(name).columns).map((field) => quoted(columnOf(name, field)));

/** Writes to what is there, by key. `set` gives some columns another value than that of `r`. */
export const updateText = (
  name: TableName,
  rows: string,
  set: Readonly<Record<string, string>> = {},
): string => {
  const keys = keyColumns(name);
  const sets = allColumns(name)
    .filter((column) => !keys.includes(column))
    .map((column) => `${column} = ${set[column] ?? `r.${column}`}`);
  return `update ${specOf(name).table} t set ${sets.join(", ")} from ${rows} where ${sameKey(name)}`;
};

/** Writes rows as their table takes them. `keep` names columns whose value stays where a row brings none. */
export const putText = (
  name: TableName,
  rows: string,
  keep: ReadonlySet<string> = new Set(),
): string => {
  const { table, write } = specOf(name);
  if (write === "update") return updateText(name, rows);
  const keys = keyColumns(name);
  const all = allColumns(name);
  const others = all.filter((column) => !keys.includes(column));
  const sent = write === "insert" ? others : all;
  const into = `insert into ${table} as t (${sent.join(", ")}) select ${sent.map((column) => `r.${column}`).join(", ")} from ${rows}`;
  if (write === "insert" || write === "append") return into;
  const sets = others.map((column) =>
    keep.has(column)
      ? `${column} = coalesce(excluded.${column}, t.${column})`
      : `${column} = excluded.${column}`,
  );
  return `${into} on conflict (${keys.join(", ")}) do update set ${sets.join(", ")}`;
};

/** The index by which a leaked value is found again; a version never loses a fingerprint. */
export const fingerprintsText = (rows: string): string => `
  insert into rekey.version_fingerprints (scheme, value, credential, version)
  select f.scheme, f.value, r.credential, r.number
    from ${rows}, jsonb_to_recordset(r.fingerprints) as f(scheme text, value text)
  on conflict do nothing`;

const wokenText = (table: Wake["table"]): string => `
  with woken as (
    select w.id, min(w.at) as at from unnest($1::uuid[], $2::timestamptz[]) w(id, at) group by w.id
  ), locked as (
    select t.id from rekey.${table} t where t.id = any($1::uuid[]) order by t.id for no key update
  )
  update rekey.${table} t set wake_at = least(t.wake_at, woken.at)
    from woken join locked using (id) where t.id = woken.id`;

/** In id order, as every statement that locks several rows. A row that is woken earlier already stays so. */
const wakeStatement = (table: Wake["table"], wakes: readonly Wake[]): readonly Statement[] => {
  const own = wakes.filter((woken) => woken.table === table);
  if (own.length === 0) return [];
  const values = [own.map(({ id }) => id), own.map(({ at }) => new Date(at))];
  return [{ text: wokenText(table), values }];
};
