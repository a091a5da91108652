import { readdir, readFile } from "node:fs/promises";
import { withTransaction } from "@rekey/runtime";
import type { Log, PostgresAddress } from "@rekey/runtime";
import type { PoolClient } from "pg";
import { openPool } from "./connect.ts";
import { asTopicsFault } from "./faults.ts";

const folder = new URL("migrations/", import.meta.url);
// Any number that no other room uses for a lock: "topi" in ASCII.
const migrationLock = 0x746f7069;

/** Brings the schema `rekey_topics` up to date: forward only, one transaction, one migrator at a time. */
export async function migrateEmbeddedTopics(options: {
  readonly connection: PostgresAddress;
  readonly log: Log;
}): Promise<void> {
  const pool = await openPool({ address: options.connection, log: options.log }, "migrate", 1);
  try {
    await withTransaction(pool, migrateWith);
  } catch (error) {
    throw asTopicsFault(error);
  } finally {
    await pool.end();
  }
}

async function migrateWith(client: PoolClient): Promise<void> {
  await client.query("select pg_advisory_xact_lock($1)", [migrationLock]);
  await client.query(bookkeeping);
  const done = await client.query<{ name: string }>("select name from rekey_topics.migrations");
  const applied = new Set(done.rows.map((row) => row.name));
  for (const name of await migrationNames()) {
    if (!applied.has(name)) await apply(client, name);
  }
}

const bookkeeping = `
  create schema if not exists rekey_topics;
  create table if not exists rekey_topics.migrations (
    name text primary key,
    applied_at timestamptz not null default now()
  );`;

async function migrationNames(): Promise<string[]> {
  const files = await readdir(folder);
  return files.filter((file) => file.endsWith(".sql")).toSorted();
}

async function apply(client: PoolClient, name: string): Promise<void> {
  await client.query(await readFile(new URL(name, folder), "utf8"));
  await client.query("insert into rekey_topics.migrations (name) values ($1)", [name]);
}
