import { randomBytes } from "node:crypto";
import { clientConfig, type ConnectionParts } from "@rekey/runtime";
import type { Secret } from "@rekey/secret";
import pg from "pg";

/** What a real login says; `refused` only where the server itself turned this user and password away. */
export type LoginAnswer = "alive" | "refused" | "unknown";

const loginMsMax = 20_000;
const statementMsMax = 20_000;

const open = async <Value>(
  config: pg.ClientConfig,
  work: (client: pg.Client) => Promise<Value>,
): Promise<Value> => {
  const client = new pg.Client({
    ...config,
    application_name: "outside-witness",
    connectionTimeoutMillis: loginMsMax,
    query_timeout: statementMsMax,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
};

/** Logs in as anybody could who has the connection string. */
export const logIn = async (url: string): Promise<LoginAnswer> => {
  try {
    await open({ connectionString: url }, async (client) => await client.query("select 1"));
    return "alive";
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    return code === "28P01" || code === "28000" ? "refused" : "unknown";
  }
};

/** The same role with a password that was never right. */
export const withWrongPassword = (url: string): string => {
  const wrong = new URL(url);
  wrong.password = randomBytes(24).toString("base64url");
  return wrong.href;
};

/** Statements as a server's superuser; answers the rows of the last one. */
export const asSuperuser = async (
  server: ConnectionParts,
  database: string,
  sql: string,
): Promise<readonly Record<string, unknown>[]> => {
  const config = await clientConfig({ ...server, database });
  return await open(config, async (client) => {
    // Several statements in one text answer an array, which pg's types do not tell.
    const answer: unknown = await client.query(sql);
    const last = [answer].flat().at(-1) as { readonly rows: Record<string, unknown>[] };
    return last.rows;
  });
};

/** A key as a workload keeps it in its own file. */
export const textOf = (secret: Secret): string => secret.reveal();
