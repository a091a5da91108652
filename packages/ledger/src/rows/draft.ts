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

type Overlay = Map<string, Rows[TableName] | undefined>;

/** A draft over rows that it never changes. */
export const draftOf = (tables: Tables, surroundings: Surroundings): Draft => {
  const overlays = new Map<TableName, Overlay>();
  const removed = new Map<TableName, Rows[TableName][]>();
  const wakes: Wake[] = [];
  const overlay = (table: TableName): Overlay => {
    const known = overlays.get(table) ?? new Map();
    overlays.set(table, known);
    return known;
  };
  const base = (table: TableName) =>
    (tables[table] ?? new Map()) as ReadonlyMap<string, Rows[TableName]>;
  return {
    ...surroundings,
    get: (table, key) => {
      const written = overlays.get(table);
      if (written?.has(key) === true) return written.get(key) as Rows[typeof table] | undefined;
      return base(table).get(key) as Rows[typeof table] | undefined;
    },
    rows: (table) => mergedRows(base(table), overlays.get(table)) as Rows[typeof table][],
    put: (table, row) => {
      overlay(table).set(keyOf[table](row), row);
    },
    remove: (table, row) => {
      overlay(table).set(keyOf[table](row), undefined);
      removed.set(table, [...(removed.get(table) ?? []), row]);
    },
    wake: (table, id, at = surroundings.now) => {
      wakes.push({ table, id, at });
    },
    changes: () => ({
      puts: Object.fromEntries(
        [...overlays].map(([table, rows]) => [table, present(rows)]),
      ) as Changes["puts"],
      removed: Object.fromEntries(removed) as Changes["removed"],
      wakes,
    }),
  };
};

const present = (rows: Overlay): readonly Rows[TableName][] =>
  [...rows.values()].filter((row) => row !== undefined);

const mergedRows = (
  base: ReadonlyMap<string, Rows[TableName]>,
  written: Overlay | undefined,
): readonly Rows[TableName][] => {
  if (written === undefined || written.size === 0) return [...base.values()];
  return [...new Map<string, Rows[TableName] | undefined>([...base, ...written]).values()].filter(
    (row) => row !== undefined,
  );
};
