import { classified, createPool, fixedSource, silentLog, withTransaction } from "@rekey/runtime";
import type { PoolLimits } from "@rekey/runtime";
import type { Pool } from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually } from "../eventually.ts";
import { freshDatabase } from "../postgres/database.ts";
import type { FreshDatabase } from "../postgres/database.ts";
import { startTcpProxy } from "./tcp-proxy.ts";
import type { TcpProxy } from "./tcp-proxy.ts";

let database: FreshDatabase;
let proxy: TcpProxy;
let pool: Pool;

// Short, where a wait for an answer that never comes is the subject; elsewhere a busy machine would exceed it.
const impatient: Partial<PoolLimits> = { connectMs: 300, queryMs: 300 };

const opened = async (limits: Partial<PoolLimits> = {}): Promise<Pool> =>
  await createPool({
    address: fixedSource(proxy.through(database.url)),
    applicationName: "rekey-proxy-test",
    log: silentLog,
    limits,
  });

beforeEach(async () => {
  database = await freshDatabase();
  const { hostname, port } = new URL(database.url);
  proxy = await startTcpProxy({ host: hostname, port: Number(port) });
  pool = await opened();
  await pool.query("create table kept (id int primary key, filler text)");
});

afterEach(async () => {
  await pool.end();
  await proxy.close();
  await database.drop();
});

const one = (): Promise<unknown> => classified(pool.query("select 1"));

test("without a fault everything passes", async () => {
  const filler = "x".repeat(1_000_000);
  await pool.query("insert into kept values (1, $1)", [filler]);
  expect((await pool.query("select filler from kept")).rows[0].filler).toBe(filler);
});

test("latency delays each direction", async () => {
  proxy.set({ kind: "latency", ms: 40 });
  const start = performance.now();
  await one();
  expect(performance.now() - start).toBeGreaterThanOrEqual(79);
});

test("a statement into a black hole ends at its limit, with its outcome unknown", async () => {
  const hasty = await opened(impatient);
  const asked = (): Promise<unknown> => classified(hasty.query("select 1"));
  await eventually(asked);
  proxy.set({ kind: "black-hole" });
  await expect(asked()).rejects.toMatchObject({ code: "POSTGRES_UNKNOWN_OUTCOME" });
  const inside = withTransaction(hasty, (client) => client.query("select 1"));
  await expect(inside).rejects.toMatchObject({ code: "POSTGRES_UNAVAILABLE" });
  proxy.set({ kind: "none" });
  await eventually(asked);
  await hasty.end();
});

test("a reset of open connections is survived", async () => {
  proxy.reset();
  await eventually(() => proxy.connections() === 0);
  await eventually(one);
});

test("refused connections are unavailable", async () => {
  proxy.reset();
  proxy.set({ kind: "refuse" });
  const refusal = { code: "POSTGRES_UNAVAILABLE", unknownOutcome: false };
  await eventually(() =>
    expect(withTransaction(pool, async () => {})).rejects.toMatchObject(refusal),
  );
});

test("a cut of the answer to COMMIT leaves the outcome unknown, and the row is there", async () => {
  const work = withTransaction(pool, async (client) => {
    await client.query("insert into kept values (1)");
    proxy.set({ kind: "cut", afterBytes: 3, to: "client" });
  });
  await expect(work).rejects.toMatchObject({ code: "POSTGRES_UNKNOWN_OUTCOME" });
  proxy.set({ kind: "none" });
  const { rows } = await eventually(() => pool.query("select count(*) from kept"));
  expect(rows[0].count).toBe(1);
});
