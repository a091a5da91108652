import { clientConfig, type ConnectionParts } from "@rekey/runtime";
import pg from "pg";
import { scramVerifier } from "./connect.ts";
import type { Secret } from "@rekey/secret";

const connectMaxMs = 5_000;
const statementMaxMs = 30_000;

type Query = (
  sql: string,
  values?: readonly unknown[],
) => Promise<readonly Record<string, unknown>[]>;

/** Statements as a server's superuser, in one of its databases. */
export const asAdministrator = async (
  server: ConnectionParts,
  database: string,
  work: (query: Query) => Promise<void>,
): Promise<void> => {
  const client = new pg.Client({
    ...(await clientConfig({ ...server, database })),
    application_name: "rekey-preparation",
    connectionTimeoutMillis: connectMaxMs,
    query_timeout: statementMaxMs,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await work(async (sql, values = []) => (await client.query(sql, [...values])).rows);
  } finally {
    await client.end();
  }
};

/** `create role`, where it is not there yet. */
export const ensureRole = async (query: Query, name: string): Promise<void> => {
  const found = await query("select from pg_roles where rolname = $1", [name]);
  if (found.length === 0) await query(`create role ${name}`);
};

/** Its password, as a verifier: so it stands in no statement, and in no log of one that fails. */
export const givePassword = async (query: Query, role: string, password: Secret): Promise<void> => {
  await query(`alter role ${role} login password '${await scramVerifier(password)}'`);
};

/** `create database`, where it is not there yet. */
export const ensureDatabase = async (
  query: Query,
  { name, owner }: { readonly name: string; readonly owner: string },
): Promise<void> => {
  const found = await query("select from pg_database where datname = $1", [name]);
  if (found.length === 0) await query(`create database ${name} owner ${owner}`);
};
