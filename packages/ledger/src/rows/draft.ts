import type { Instant, NewId } from "@rekey/domain";
import { keyOf, type Rows, type TableName } from "./rows.ts";

/** Rows by key, for the tables a command was given. */
export type Tables = {
  readonly [Table in TableName]?: ReadonlyMap<string, Rows[Table]>;
};

/** What a command is told from outside: it reads no clock and makes no id of its own. */
export interface Surroundings {
  readonly now: Instant;
  readonly newId: NewId;
  readonly build: string;
  /** Order of inputs and of records to send; PostgreSQL gives its own when it writes. */
  readonly nextSequence: () => number;
}

export type Wake = {
  readonly table: "rotations" | "cases";
  readonly id: string;
  readonly at: Instant;
};

/** Everything a command wrote. `wakes` touch one column of rows that the command has not locked. */
export interface Changes {
  readonly puts: { readonly [Table in TableName]?: readonly Rows[Table][] };
  readonly removed: { readonly [Table in TableName]?: readonly Rows[Table][] };
  readonly wakes: readonly Wake[];
}

/**
 * A command's working copy: it reads rows and what it has put itself, and leaves `changes`. The same
 * commands run on the whole state in memory and on the locked rows that PostgreSQL loaded.
 */
export interface Draft extends Surroundings {
  get<Table extends TableName>(table: Table, key: string): Rows[Table] | undefined;
  rows<Table extends TableName>(table: Table): readonly Rows[Table][];
  put<Table extends TableName>(table: Table, row: Rows[Table]): void;
  remove<Table extends TableName>(table: Table, row: Rows[Table]): void;
  /** Makes a row due at `at`, or earlier where it is already; `at` defaults to now. */
  wake(table: Wake["table"], id: string, at?: Instant): void;
  changes(): Changes;
}

type Row = Rows[TableName];
type RowMap = ReadonlyMap<string, Row>;

interface Written {
  /** The table as the command sees it. */
  readonly view: Map<string, Row>;
  readonly puts: Map<string, Row>;
  readonly removed: Row[];
}

/** A draft over rows that it never changes; a table is copied when it is first written. */
export const draftOf = (tables: Tables, surroundings: Surroundings): Draft => {
  const written = new Map<TableName, Written>();
  const wakes: Wake[] = [];
  const viewOf = (table: TableName): RowMap =>
    written.get(table)?.view ?? ((tables[table] ?? empty) as RowMap);
  const writing = (table: TableName): Written => {
    const known = written.get(table);
    if (known !== undefined) return known;
    const fresh: Written = { view: new Map(viewOf(table)), puts: new Map(), removed: [] };
    written.set(table, fresh);
    return fresh;
  };
  return {
    ...surroundings,
    get: (table, key) => viewOf(table).get(key) as Rows[typeof table] | undefined,
    rows: (table) => [...viewOf(table).values()] as Rows[typeof table][],
    put: (table, row) => {
      const key = keyOf[table](row);
      const { view, puts } = writing(table);
      view.set(key, row);
      puts.set(key, row);
    },
    remove: (table, row) => {
      const key = keyOf[table](row);
      const { view, puts, removed } = writing(table);
      view.delete(key);
      puts.delete(key);
      removed.push(row);
    },
    wake: (table, id, at = surroundings.now) => {
      wakes.push({ table, id, at });
    },
    changes: () => ({
      puts: fromWritten(written, ({ puts }) => [...puts.values()]) as Changes["puts"],
      removed: fromWritten(written, ({ removed }) => removed) as Changes["removed"],
      wakes,
    }),
  };
};

const empty: RowMap = new Map();

const fromWritten = (
  written: ReadonlyMap<TableName, Written>,
  rowsOf: (table: Written) => readonly Row[],
): Readonly<Record<string, readonly Row[]>> =>
  Object.fromEntries(
    [...written]
      .map(([table, rows]) => [table, rowsOf(rows)] as const)
      .filter(([, rows]) => rows.length > 0),
  );
