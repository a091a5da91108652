import { randomBytes } from "node:crypto";
import { Secret } from "@rekey/secret";
import { Client, DatabaseError } from "pg";

/** What a real login says. `refused` only where the server itself turned this user and password away. */
export type LoginAnswer =
  | { readonly answer: "alive"; readonly role: string }
  | { readonly answer: "refused"; readonly code: string }
  | { readonly answer: "unknown"; readonly code: string };

const loginMsMax = 15_000;
const statementMsMax = 30_000;
/** Wrong password or unknown role; a role that may not log in. */
const refusals: ReadonlySet<string> = new Set(["28P01", "28000"]);

/** Logs in with a connection string as anybody could who has it, asks for its own name, and leaves. */
export const logIn = async (url: Secret): Promise<LoginAnswer> => {
  const client = new Client({
    connectionString: url.reveal(),
    application_name: "outside-witness",
    connectionTimeoutMillis: loginMsMax,
    query_timeout: loginMsMax,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ role: string }>("select session_user::text as role");
    return { answer: "alive", role: rows[0]?.role ?? "" };
  } catch (error) {
    return refusalOf(error);
  } finally {
    await client.end().catch(() => undefined);
  }
};

const refusalOf = (error: unknown): LoginAnswer => {
  const code = (error as { readonly code?: unknown }).code;
  const text = typeof code === "string" ? code : "no answer";
  const isRefusal =
    error instanceof DatabaseError && refusals.has(text) && !error.message.includes("pg_hba.conf");
  return { answer: isRefusal ? "refused" : "unknown", code: text };
};

/** The same role with a password that was never right: how this server refuses what it does not know. */
export const withWrongPassword = (url: Secret): Secret => {
  const wrong = new URL(url.reveal());
  wrong.password = randomBytes(24).toString("base64url");
  return Secret.fromUtf8(wrong.href);
};

/** What a careless person does: a configuration with the whole connection string in it, as text to be published. */
export const carelessConfig = (url: Secret): string =>
  [
    "# payments: settings of the nightly export, copied from the running service",
    "EXPORT_BUCKET=payments-exports",
    `DATABASE_URL="${url.reveal()}"`,
    "EXPORT_AT=03:00",
    "",
  ].join("\n");

/** Statements as the administrator; one connection for each call. */
export const runSql = async (
  url: Secret,
  sql: string,
  values: readonly unknown[] = [],
): Promise<readonly Record<string, unknown>[]> => {
  const client = new Client({
    connectionString: url.reveal(),
    application_name: "outside-witness",
    connectionTimeoutMillis: loginMsMax,
    query_timeout: statementMsMax,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const answer =
      values.length === 0 ? await client.query(sql) : await client.query(sql, [...values]);
    // Several statements in one text answer an array, which pg's types do not tell.
    return ([answer].flat().at(-1)?.rows ?? []) as Record<string, unknown>[];
  } finally {
    await client.end().catch(() => undefined);
  }
};

/** An alert with the value itself, for the gateway's call that fingerprints it. */
export const exposureOf = (url: Secret, reason: string) => ({
  found: { by: "secret", secret: url.reveal() },
  reason,
});
