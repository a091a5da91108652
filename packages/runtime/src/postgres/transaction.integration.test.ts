import { inspect } from "node:util";
import type { Pool, PoolClient } from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { silentLog } from "../logger/silent-log.ts";
import { fixedSource } from "./connect.ts";
import { createPool } from "./pool.ts";
import { classified, withTransaction, type TransactionTurn } from "./transaction.ts";

let pool: Pool;
let pipelined: Pool;

beforeAll(async () => {
  const options = {
    address: fixedSource(inject("adminUrl" as never) as string),
    applicationName: "rekey-transaction-test",
    log: silentLog,
  };
  pool = await createPool(options);
  pipelined = await createPool({ ...options, pipeline: true });
  await pool.query(
    "drop schema if exists transaction_test cascade; create schema transaction_test",
  );
  await pool.query("create table transaction_test.kept (id text constraint kept_id primary key)");
});

afterAll(async () => {
  await pool.query("drop schema transaction_test cascade");
  await pool.end();
  await pipelined.end();
});

const insert = "insert into transaction_test.kept values ($1)";
const impatient = { sleep: async () => {} };

async function isKept(id: string): Promise<boolean> {
  const found = await pool.query("select 1 from transaction_test.kept where id = $1", [id]);
  return found.rowCount === 1;
}

async function raise(client: PoolClient, sqlState: string): Promise<void> {
  await client.query(`do $$ begin raise 'planted' using errcode = '${sqlState}'; end $$`);
}

test("a conflict is tried again and its earlier tries leave nothing behind", async () => {
  let tries = 0;
  const delays: number[] = [];
  const sleep = async (ms: number): Promise<void> => void delays.push(ms);
  await withTransaction(
    pool,
    async (client) => {
      tries++;
      await client.query(insert, [`try ${tries}`]);
      if (tries === 1) await raise(client, "40001");
      if (tries === 2) await raise(client, "40P01");
    },
    { sleep, random: () => 0.5 },
  );
  expect(tries).toBe(3);
  expect(delays).toEqual([5, 10]);
  expect([await isKept("try 1"), await isKept("try 2"), await isKept("try 3")]).toEqual([
    false,
    false,
    true,
  ]);
});

test("a conflict that stays is given up after the last try, as retriable", async () => {
  let tries = 0;
  const work = async (client: PoolClient): Promise<void> => {
    tries++;
    await raise(client, "40001");
  };
  const options = { ...impatient, attemptsMax: 3 };
  const refusal = { code: "POSTGRES_CONFLICT", sqlState: "40001", retriable: true };
  await expect(withTransaction(pool, work, options)).rejects.toMatchObject(refusal);
  expect(tries).toBe(3);
});

test("a real deadlock ends with both transactions done", async () => {
  await pool.query("insert into transaction_test.kept values ('left'), ('right')");
  const held: (() => void)[] = [];
  const bothHold = new Promise<void>((resolve) => {
    held.push(() => held.length === 3 && resolve());
  });
  const lock = "select 1 from transaction_test.kept where id = $1 for update";
  const cross = (first: string, second: string): Promise<void> =>
    withTransaction(pool, async (client) => {
      await client.query("set local lock_timeout = 0");
      await client.query("set local deadlock_timeout = 20");
      await client.query(lock, [first]);
      held.push(() => {});
      held[0]!();
      await bothHold;
      await client.query(lock, [second]);
    });
  await Promise.all([cross("left", "right"), cross("right", "left")]);
});

test("a broken constraint is named, final, and its value not told", async () => {
  await pool.query(insert, ["cNry7"]);
  const work = withTransaction(pool, (client) => client.query(insert, ["cNry7"]));
  const error = (await work.catch((caught: unknown) => caught)) as Error;
  const refusal = { code: "POSTGRES_CONSTRAINT", sqlState: "23505", constraint: "kept_id" };
  expect(error).toMatchObject({ ...refusal, retriable: false, unknownOutcome: false });
  expect(`${error.message} ${inspect(Object.assign(error, { cause: undefined }))}`).not.toContain(
    "cNry7",
  );
});

test.each([
  ["22P02", "POSTGRES_DATA", false],
  ["23514", "POSTGRES_CONSTRAINT", false],
  ["25006", "POSTGRES_UNAVAILABLE", true],
  ["42501", "POSTGRES_DENIED", false],
  ["42P01", "POSTGRES_UNEXPECTED", false],
  ["53300", "POSTGRES_UNAVAILABLE", true],
  ["55P03", "POSTGRES_TIMEOUT", true],
  ["57014", "POSTGRES_TIMEOUT", true],
  ["57P03", "POSTGRES_UNAVAILABLE", true],
])("SQLSTATE %s is %s", async (sqlState, code, retriable) => {
  const work = withTransaction(pool, (client) => raise(client, sqlState), impatient);
  await expect(work).rejects.toMatchObject({ code, sqlState, retriable, unknownOutcome: false });
});

test("a connection lost during commit is an unknown outcome and is not tried again", async () => {
  await pool.query(`
    create table transaction_test.fatal (id int);
    create function transaction_test.die() returns trigger language plpgsql as
      $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
    create constraint trigger die after insert on transaction_test.fatal
      deferrable initially deferred for each row execute function transaction_test.die()`);
  let tries = 0;
  const work = withTransaction(pool, async (client) => {
    tries++;
    await client.query("insert into transaction_test.fatal values (1)");
  });
  const refusal = { code: "POSTGRES_UNKNOWN_OUTCOME", unknownOutcome: true, retriable: false };
  await expect(work).rejects.toMatchObject(refusal);
  expect(tries).toBe(1);
});

test("a connection lost in a statement on its own is an unknown outcome", async () => {
  const statement = classified(pool.query("select pg_terminate_backend(pg_backend_pid())"));
  await expect(statement).rejects.toMatchObject({ code: "POSTGRES_UNKNOWN_OUTCOME" });
});

test("what the work itself throws rolls back and passes unchanged", async () => {
  const refusal = new Error("not allowed");
  const work = withTransaction(pool, async (client) => {
    await client.query(insert, ["rolled back"]);
    throw refusal;
  });
  await expect(work).rejects.toBe(refusal);
  expect(await isKept("rolled back")).toBe(false);
});

test("work that swallows a failed statement is not taken for committed", async () => {
  const work = withTransaction(pool, async (client) => {
    await client.query(insert, ["swallowed"]);
    await raise(client, "22000").catch(() => {});
  });
  await expect(work).rejects.toMatchObject({ code: "POSTGRES_UNEXPECTED" });
  expect(await isKept("swallowed")).toBe(false);
});

test("a server that is not there is unavailable, and the outcome known", async () => {
  const absent = await createPool({
    address: fixedSource("postgres://nobody:nothing@127.0.0.1:1/none"),
    applicationName: "rekey-transaction-test",
    log: silentLog,
  });
  const refusal = { code: "POSTGRES_UNAVAILABLE", retriable: true, unknownOutcome: false };
  await expect(withTransaction(absent, async () => {})).rejects.toMatchObject(refusal);
  await absent.end();
});

test("what is sent last is committed with the rest", async () => {
  const answers: unknown[] = [];
  await withTransaction(pipelined, async (client, { last }) => {
    await client.query(insert, ["first"]);
    last(() => [client.query(insert, ["last"]).then(({ rowCount }) => answers.push(rowCount))]);
  });
  expect([await isKept("first"), await isKept("last"), answers]).toEqual([true, true, [1]]);
});

test("a last statement that is refused rolls everything back, and the outcome is known", async () => {
  const work = withTransaction(pipelined, async (client, { last }) => {
    await client.query(insert, ["before the last"]);
    last(() => [
      client.query(insert, ["before the last"]),
      client.query(insert, ["behind the refused"]),
    ]);
  });
  const refusal = { code: "POSTGRES_CONSTRAINT", unknownOutcome: false };
  await expect(work).rejects.toMatchObject(refusal);
  expect([await isKept("before the last"), await isKept("behind the refused")]).toEqual([
    false,
    false,
  ]);
});

test("a conflict of what is sent last is tried again as a whole", async () => {
  let tries = 0;
  const work = async (client: PoolClient, { last }: TransactionTurn): Promise<void> => {
    tries += 1;
    await client.query(insert, [`last try ${tries}`]);
    last(() => (tries === 1 ? [raise(client, "40001")] : []));
  };
  await withTransaction(pipelined, work, impatient);
  expect([await isKept("last try 1"), await isKept("last try 2")]).toEqual([false, true]);
});

test("a connection lost in what is sent last leaves the outcome unknown", async () => {
  const work = withTransaction(pipelined, async (client, { last }) => {
    await client.query("select 1");
    last(() => [client.query("select pg_terminate_backend(pg_backend_pid())")]);
  });
  const refusal = { code: "POSTGRES_UNKNOWN_OUTCOME", unknownOutcome: true };
  await expect(work).rejects.toMatchObject(refusal);
});
