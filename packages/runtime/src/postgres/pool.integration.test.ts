import { inspect } from "node:util";
import { Secret } from "@rekey/secret";
import type { Pool } from "pg";
import { afterEach, expect, inject, test } from "vitest";
import { silentLog } from "../logger/silent-log.ts";
import { fixedSource } from "./connect.ts";
import { createPool } from "./pool.ts";
import type { PoolOptions } from "./pool.ts";
import { withTransaction } from "./transaction.ts";

const adminUrl = inject("adminUrl" as never) as string;
const opened: Pool[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((pool) => pool.end()));
});

async function open(options: Partial<PoolOptions> = {}): Promise<Pool> {
  const address = fixedSource(adminUrl);
  const defaults = { address, applicationName: "rekey-pool-test", log: silentLog };
  const pool = await createPool({ ...defaults, ...options });
  opened.push(pool);
  return pool;
}

async function answer(pool: Pool, sql: string): Promise<unknown> {
  return (await pool.query({ text: sql, rowMode: "array" })).rows[0]?.[0];
}

test("every limit of the server is set on each connection", async () => {
  const pool = await open({
    limits: { statementMs: 1_500, lockMs: 700, idleInTransactionMs: 900 },
  });
  expect(await answer(pool, "show statement_timeout")).toBe("1500ms");
  expect(await answer(pool, "show lock_timeout")).toBe("700ms");
  expect(await answer(pool, "show idle_in_transaction_session_timeout")).toBe("900ms");
  expect(await answer(pool, "show application_name")).toBe("rekey-pool-test");
});

test("bigint and count arrive as exact numbers, or not at all", async () => {
  const pool = await open();
  expect(await answer(pool, "select 9007199254740991::bigint")).toBe(Number.MAX_SAFE_INTEGER);
  expect(await answer(pool, "select count(*) from pg_database")).toBeTypeOf("number");
  await expect(answer(pool, "select 9007199254740993::bigint")).rejects.toThrow(/more than 2\^53/);
});

test("dates without a zone stay as written", async () => {
  const pool = await open();
  expect(await answer(pool, "select date '2026-03-29'")).toBe("2026-03-29");
  const written = "2026-03-29 02:30:00";
  expect(await answer(pool, `select timestamp '${written}'`)).toBe(written);
});

test("the loss of an idle connection is logged with its code and the pool goes on", async () => {
  let reported: unknown;
  const lost = new Promise<void>((resolve) => {
    const debug = (_: string, fields: unknown): void => {
      reported = fields;
      resolve();
    };
    void open({ log: { ...silentLog, debug } }).then((pool) =>
      pool.query("select pg_backend_pid() as pid").then(async ({ rows }) => {
        const other = await open();
        await other.query("select pg_terminate_backend($1)", [rows[0].pid]);
      }),
    );
  });
  await lost;
  expect(reported).toMatchObject({ error: { code: "POSTGRES_UNAVAILABLE", sqlState: "57P01" } });
  expect(await answer(opened[0]!, "select 1")).toBe(1);
});

test("the loss of a checked-out connection between two statements does not end the process", async () => {
  const pool = await open();
  const other = await open();
  const work = withTransaction(pool, async (client) => {
    const { rows } = await client.query("select pg_backend_pid() as pid");
    const gone = new Promise((resolve) => client.once("end", resolve));
    await other.query("select pg_terminate_backend($1)", [rows[0].pid]);
    await gone;
    await client.query("select 1");
  });
  await expect(work).rejects.toMatchObject({ code: "POSTGRES_UNAVAILABLE", unknownOutcome: false });
  expect(await answer(pool, "select 1")).toBe(1);
});

test("a password that was rotated is read again once, at the refusal", async () => {
  const admin = await open();
  await admin.query("drop role if exists rotated_login");
  await admin.query("create role rotated_login login password 'second'");
  const addressed = (password: string): Secret =>
    Secret.fromUtf8(Object.assign(new URL(adminUrl), { username: "rotated_login", password }).href);
  let invalidated = 0;
  const address = {
    read: async () => addressed(invalidated === 0 ? "first" : "second"),
    invalidate: () => void invalidated++,
  };
  const pool = await open({ address });
  const user = withTransaction(pool, async (client) => {
    return (await client.query("select current_user as name")).rows[0].name;
  });
  expect(await user).toBe("rotated_login");
  expect(invalidated).toBe(1);
  await admin.query("drop role rotated_login");
});

test("neither a printed pool nor a malformed connection string shows the password", async () => {
  const { password } = new URL(adminUrl);
  const pool = await open();
  expect(await answer(pool, "select 1")).toBe(1);
  expect(inspect(pool.options, { depth: 6 })).not.toContain(password);
  const malformed = open({ address: fixedSource("postgres://user:cNry7@[bad/") });
  const error: unknown = await malformed.catch((caught: unknown) => caught);
  expect(inspect(error)).toContain("malformed");
  expect(inspect(error)).not.toContain("cNry7");
});
