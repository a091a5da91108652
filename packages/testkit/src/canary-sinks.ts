import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";

/** Somewhere a value could have ended up. */
export type CanarySink = {
  contents(): AsyncIterable<{ readonly name: string; readonly bytes: Buffer }>;
};

const fileMaxBytes = 512 * 1_048_576;

export function bytesSink(name: string, content: Uint8Array | string): CanarySink {
  const bytes = typeof content === "string" ? Buffer.from(content) : Buffer.from(content);
  return {
    contents: async function* () {
      yield { name, bytes };
    },
  };
}

/** A file, or every file below a folder; a database's folder with its WAL too. */
export function fileSink(path: string): CanarySink {
  return { contents: () => filesBelow(path) };
}

/** Every column of every table of a database, catalogs with function bodies and comments included. */
export function databaseSink(url: string): CanarySink {
  return { contents: () => tablesOf(url) };
}

async function* filesBelow(path: string): AsyncGenerator<{ name: string; bytes: Buffer }> {
  const found = await stat(path);
  if (found.isDirectory()) {
    for (const name of await readdir(path)) yield* ifThere(filesBelow(join(path, name)));
  } else if (found.isFile()) {
    if (found.size > fileMaxBytes) throw new RangeError(`${path} is too long to search`);
    yield { name: path, bytes: await readFile(path) };
  }
}

/** A server that runs removes files of its own while its folder is searched; what was named itself has to be there. */
async function* ifThere<Entry>(entries: AsyncGenerator<Entry>): AsyncGenerator<Entry> {
  try {
    yield* entries;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

async function* tablesOf(url: string): AsyncGenerator<{ name: string; bytes: Buffer }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query(columnsQuery);
    for (const { name, columns } of tables) {
      const list = columns.map((column: string) => `${column}::text`).join(", ");
      const { rows } = await client.query({
        text: `select ${list} from ${name}`,
        rowMode: "array",
      });
      yield { name, bytes: Buffer.from(rows.flat().join("\n")) };
    }
  } finally {
    await client.end();
  }
}

const columnsQuery = `
  select format('%I.%I', n.nspname, c.relname) as name,
         array_agg(format('%I', a.attname) order by a.attnum) as columns
  from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid
  where c.relkind in ('r', 'm', 'p') and a.attnum > 0 and not a.attisdropped
    and n.nspname not in ('information_schema')
    and (n.nspname <> 'pg_catalog'
      or c.relname in ('pg_proc', 'pg_description', 'pg_db_role_setting', 'pg_foreign_server', 'pg_user_mapping'))
  group by 1 order by 1`;
