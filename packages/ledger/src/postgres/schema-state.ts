import { readdir } from "node:fs/promises";
import { statement, RefusedByLedger, type Database } from "./database.ts";
import { directory } from "./migrate.ts";

/** Names of migrations, such as 0001_inventory. */
export interface SchemaState {
  /** This build counts on them, and they never ran. */
  readonly missing: readonly string[];
  /** A newer build ran them; they only add, so this one goes on. */
  readonly newer: readonly string[];
}

/** What lies between this build and the schema that is there. */
export const schemaState = async (database: Pick<Database, "pool">): Promise<SchemaState> => {
  const own = await ownMigrations();
  const ran = new Set(await ranMigrations(database));
  return {
    missing: own.filter((name) => !ran.delete(name)),
    newer: [...ran],
  };
};

const ownMigrations = async (): Promise<readonly string[]> =>
  (await readdir(directory))
    .filter((name) => name.endsWith(".sql"))
    .map((name) => name.replace(/\.sql$/u, ""))
    .toSorted();

/** No table, no schema: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const neverMigrated: ReadonlySet<string> = new Set(["42P01", "3F000"]);

const ranMigrations = async (database: Pick<Database, "pool">): Promise<readonly string[]> => {
  try {
    const text = "select name from rekey.migrations order by id";
    const rows = await statement<{ readonly name: string }>(database, text, []);
    return rows.map(({ name }) => name);
  } catch (error) {
    if (isNeverMigrated(error)) return [];
    throw error;
  }
};

/** The server answers, and there is no table of ours. */
export const isNeverMigrated = (error: unknown): boolean =>
  error instanceof RefusedByLedger && neverMigrated.has(error.sqlState ?? "");
