import type { Changes, Tables } from "../rows/draft.ts";
import { keyOf, pauseKey, type Rows, type TableName } from "../rows/rows.ts";

/** Everything the ledger knows, as values: a command makes another state of it. */
export interface LedgerState {
  readonly tables: Tables;
  /** The last sequence number given. */
  readonly sequence: number;
}

export const emptyState: LedgerState = {
  tables: { pause: new Map([[pauseKey, { paused: false, all: false }]]) },
  sequence: 0,
};

type Row = Rows[TableName];
type Writable = { [Table in TableName]?: ReadonlyMap<string, Row> };

/** Pure: the state with a command's changes; tables that it did not write are shared with the old state. */
export const applyChanges = (
  state: LedgerState,
  changes: Changes,
  sequence: number,
): LedgerState => {
  const tables = { ...state.tables } as Writable;
  for (const name of Object.keys(changes.removed) as TableName[]) {
    const rows = new Map(tables[name]);
    for (const row of (changes.removed[name] ?? []) as Row[]) rows.delete(keyFor(name, row));
    tables[name] = rows;
  }
  for (const name of Object.keys(changes.puts) as TableName[]) {
    const rows = new Map(tables[name]);
    for (const row of (changes.puts[name] ?? []) as Row[]) rows.set(keyFor(name, row), row);
    tables[name] = rows;
  }
  wake(tables, changes);
  return { tables: tables as Tables, sequence };
};

const keyFor = (name: TableName, row: Row): string => (keyOf[name] as (row: Row) => string)(row);

const wake = (tables: Writable, changes: Changes): void => {
  for (const { table, id, at } of changes.wakes) {
    const row = tables[table]?.get(id) as Rows["rotations"] | Rows["cases"] | undefined;
    if (row === undefined) continue;
    const wakeAt = Math.min(at, row.wakeAt ?? at);
    tables[table] = new Map(tables[table]).set(id, { ...row, wakeAt });
  }
};
