import type { PoolClient } from "pg";
import type { Changes, Wake } from "../rows/draft.ts";
import { keyOf, type TableName } from "../rows/rows.ts";
import { prepared } from "./prepared.ts";
import { columnOf, specOf, toColumns } from "./tables.ts";

/** Writes everything a command left. */
export const writeChanges = async (client: PoolClient, changes: Changes): Promise<void> => {
  await Promise.all(sendChanges(client, changes));
};

/** The same, sent when it returns: the rows as one statement, then what was woken. */
export const sendChanges = (client: PoolClient, changes: Changes): readonly Promise<void>[] => [
  writeRows(client, changes),
  wake(client, "cases", changes.wakes),
  wake(client, "rotations", changes.wakes),
];

const writeRows = async (client: PoolClient, changes: Changes): Promise<void> => {
  const parts = [...removals(changes), ...puts(changes)];
  if (parts.length === 0) return;
  const texts = parts.map(({ text }, index) => `c${index} as (${text(index + 1)})`);
  const values = parts.map(({ documents }) => JSON.stringify(documents));
  await prepared(client, `with ${texts.join(", ")} select 1`, values);
};

interface Part {
  readonly documents: readonly object[];
  readonly text: (parameter: number) => string;
}

const puts = (changes: Changes): readonly Part[] =>
  (Object.keys(changes.puts) as TableName[]).toSorted().flatMap((name) => {
    const rows = changes.puts[name] ?? [];
    if (rows.length === 0) return [];
    const documents = inKeyOrder(name, rows).map((row) => toColumns(name, row));
    const part: Part = { documents, text: (parameter) => putText(name, parameter) };
    const current = name === "versions" ? [{ documents, text: fingerprintsText }] : [];
    return [part, ...current];
  });

/** Rows are locked in one order; where PostgreSQL gives the key, the order is the command's. */
const inKeyOrder = (name: TableName, rows: readonly object[]): readonly object[] => {
  const { write, order } = specOf(name);
  if (write === "insert") return rows;
  const key = order ?? (keyOf[name] as (row: object) => string);
  return rows
    .map((row) => ({ row, place: key(row) }))
    .sort((left, right) => (left.place < right.place ? -1 : 1))
    .map(({ row }) => row);
};

const removals = (changes: Changes): readonly Part[] =>
  (Object.keys(changes.removed) as TableName[]).map((name) => ({
    documents: (changes.removed[name] ?? []).map((row) => toColumns(name, row)),
    text: (parameter) =>
      `delete from ${specOf(name).table} t using ${recordset(name, parameter)} where ${sameKey(name)}`,
  }));

const recordset = (name: TableName, parameter: number): string =>
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

const putText = (name: TableName, parameter: number): string => {
  const { table, columns, write } = specOf(name);
  const keys = keyColumns(name);
  const all = Object.keys(columns).map((field) => quoted(columnOf(name, field)));
  const others = all.filter((column) => !keys.includes(column));
  if (write === "update") {
    const sets = others.map((column) => `${column} = r.${column}`).join(", ");
    return `update ${table} t set ${sets} from ${recordset(name, parameter)} where ${sameKey(name)}`;
  }
  const sent = write === "insert" ? others : all;
  const into = `insert into ${table} (${sent.join(", ")}) select ${sent.map((column) => `r.${column}`).join(", ")} from ${recordset(name, parameter)}`;
  if (write === "insert" || write === "append") return into;
  const sets = others.map((column) => `${column} = excluded.${column}`).join(", ");
  return `${into} on conflict (${keys.join(", ")}) do update set ${sets}`;
};

/** The index by which a leaked value is found again; a version never loses a fingerprint. */
const fingerprintsText = (parameter: number): string => `
  insert into rekey.version_fingerprints (scheme, value, credential, version)
  select f.scheme, f.value, r.credential, r.number
    from ${recordset("versions", parameter)},
      jsonb_to_recordset(r.fingerprints) as f(scheme text, value text)
  on conflict do nothing`;

/** In id order, as every statement that locks several rows. A row that is woken earlier already stays so. */
const wake = async (
  client: PoolClient,
  table: Wake["table"],
  wakes: readonly Wake[],
): Promise<void> => {
  const own = wakes.filter((woken) => woken.table === table);
  if (own.length === 0) return;
  await prepared(
    client,
    `with woken as (
       select w.id, min(w.at) as at from unnest($1::uuid[], $2::timestamptz[]) w(id, at) group by w.id
     ), locked as (
       select t.id from rekey.${table} t where t.id = any($1::uuid[]) order by t.id for no key update
     )
     update rekey.${table} t set wake_at = least(t.wake_at, woken.at)
       from woken join locked using (id) where t.id = woken.id`,
    [own.map(({ id }) => id), own.map(({ at }) => new Date(at))],
  );
};
