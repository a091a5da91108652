import { Fault } from "@rekey/domain";
import { expect, test } from "vitest";
import { silentLog } from "../logger/silent-log.ts";
import { createMetrics } from "../metrics/metrics.ts";
import { createHealth } from "./health.ts";
import { startOperationsServer } from "./operations-server.ts";

const immediate = {
  monotonicMs: () => 0,
  sleep: async () => {},
  after: (_: number, callback: () => void) => {
    const turn = setImmediate(callback);
    return () => clearImmediate(turn);
  },
};

test("a report holds every check of its kind with its details, and is well when all are", async () => {
  const health = createHealth({ clock: immediate, log: silentLog });
  health.add({ name: "loop", kind: "live", check: () => true });
  const details = { lagMs: () => 12, oldestDebtMs: async () => 3_000 };
  health.add({ name: "ledger", kind: "ready", check: async () => true, details });
  expect(await health.report("live")).toEqual({
    ok: true,
    checks: [{ name: "loop", ok: true, details: {} }],
  });
  expect(await health.report("ready")).toEqual({
    ok: true,
    checks: [{ name: "ledger", ok: true, details: { lagMs: 12, oldestDebtMs: 3_000 } }],
  });
});

test("a check that throws or does not answer is not well; a detail that fails is left out", async () => {
  const health = createHealth({ clock: immediate, log: silentLog });
  const fail = (): never => {
    throw new Error("lost");
  };
  health.add({ name: "throws", kind: "ready", check: fail, details: { lagMs: fail } });
  health.add({ name: "hangs", kind: "ready", check: () => new Promise(() => {}) });
  const { ok, checks } = await health.report("ready");
  expect(ok).toBe(false);
  expect(checks.map((check) => check.ok)).toEqual([false, false]);
  expect(checks[0]!.details).toEqual({ lagMs: undefined });
});

test("a check that ends with a fault tells its codes, in the answer and in the log", async () => {
  const logged: unknown[] = [];
  const warn = (_: string, fields: unknown): void => void logged.push(fields);
  const health = createHealth({ clock: immediate, log: { ...silentLog, warn } });
  const away = new Fault("TOPICS_UNREACHABLE", { providerCode: "ECONNREFUSED" });
  const answers = [true, Promise.reject(away)];
  health.add({ name: "topics", kind: "ready", check: async () => (await answers.shift())! });
  await health.report("ready");
  const said = { code: "TOPICS_UNREACHABLE", providerCode: "ECONNREFUSED" };
  expect((await health.report("ready")).checks).toEqual([
    { name: "topics", ok: false, ...said, details: {} },
  ]);
  expect(logged).toEqual([{ checkName: "topics", ...said }]);
});

test("only a change of a check is logged", async () => {
  const logged: string[] = [];
  const note = (message: string): void => void logged.push(message);
  const health = createHealth({ clock: immediate, log: { ...silentLog, info: note, warn: note } });
  let ok = true;
  health.add({ name: "ledger", kind: "ready", check: () => ok });
  for (const next of [true, false, false, true, true]) {
    ok = next;
    await health.report("ready");
  }
  expect(logged).toEqual(["health check failed", "health check recovered"]);
});

test("a check that is not well yet is no news while the process starts, and is told of a minute later", async () => {
  const logged: string[] = [];
  const note = (message: string): void => void logged.push(message);
  let now = 0;
  const clock = { ...immediate, monotonicMs: () => now };
  const health = createHealth({ clock, log: { ...silentLog, info: note, warn: note } });
  const well = { starts: false, never: false };
  for (const name of ["starts", "never"] as const)
    health.add({ name, kind: "ready", check: () => well[name] });
  expect((await health.report("ready")).ok).toBe(false);
  well.starts = true;
  now = 30_000;
  await health.report("ready");
  expect(logged).toEqual([]);
  now = 60_000;
  await health.report("ready");
  await health.report("ready");
  expect(logged).toEqual(["health check failed"]);
  well.starts = false;
  await health.report("ready");
  expect(logged).toEqual(["health check failed", "health check failed"]);
});

test("two checks of one name are refused", () => {
  const health = createHealth({ clock: immediate, log: silentLog });
  health.add({ name: "a", kind: "live", check: () => true });
  expect(() => health.add({ name: "a", kind: "ready", check: () => true })).toThrow(/named a/);
});

test("the operations server answers /live, /ready and /metrics, and nothing else", async () => {
  const health = createHealth({ clock: immediate, log: silentLog });
  health.add({ name: "ledger", kind: "ready", check: () => false });
  const metrics = createMetrics();
  metrics.counter({ name: "rekey_signals_total", help: "signals", labels: {} }).increment({});
  const server = await startOperationsServer({ host: "127.0.0.1", port: 0, health, metrics });
  try {
    const get = (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`);
    expect((await get("/live")).status).toBe(200);
    expect((await get("/ready")).status).toBe(503);
    expect(await (await get("/ready")).json()).toMatchObject({ ok: false });
    expect(await (await get("/metrics")).text()).toContain("rekey_signals_total 1");
    expect((await get("/other")).status).toBe(404);
  } finally {
    await server.close();
  }
});
