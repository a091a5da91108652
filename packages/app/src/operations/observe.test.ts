import type { Subscription } from "@rekey/domain";
import { openMemoryLedger } from "@rekey/ledger";
import { newId, silentLog } from "@rekey/runtime";
import { expect, test } from "vitest";
import { observeHealth } from "./observe.ts";

const polledAgo = (sinceLastPollMs: number, sinceCommitOwedMs = 0): Subscription => ({
  health: async () => await Promise.resolve({ sinceLastPollMs, sinceCommitOwedMs, lag: 3 }),
  stop: async () => {},
});

const reportOf = async (
  subscriptions: readonly Subscription[],
  statements: readonly Subscription[] = [polledAgo(5)],
) => {
  const ledger = openMemoryLedger({ now: () => Date.now(), newId, build: "test" });
  const wanted = { subscriptions, subscriptionsWanted: 2, statements };
  const health = observeHealth({ ledger, ...wanted, log: silentLog });
  return await health.report("ready");
};

test("a process is ready when every topic that signals come in by is being read", async () => {
  const report = await reportOf([polledAgo(10), polledAgo(20)]);
  expect(report.ok).toBe(true);
  expect(report.checks.find(({ name }) => name === "topics")?.details).toEqual({
    subscriptions: 3,
    statements: "read",
    lag: 9,
    lastPollMs: 20,
    commitOwedMs: 0,
  });
});

test("a topic that nobody reads, or that was not read for a minute, is not ready", async () => {
  expect((await reportOf([])).ok).toBe(false);
  expect((await reportOf([polledAgo(10)])).ok).toBe(false);
  expect((await reportOf([polledAgo(10), polledAgo(61_000)])).ok).toBe(false);
});

test("a topic that is polled and of which nothing was committed for a minute is not ready, and the figure says so", async () => {
  expect((await reportOf([polledAgo(10), polledAgo(20, 59_000)])).ok).toBe(true);
  const { ok, checks } = await reportOf([polledAgo(10), polledAgo(20, 61_000)]);
  expect(ok).toBe(false);
  expect(checks.find(({ name }) => name === "topics")).toMatchObject({
    ok: false,
    details: { commitOwedMs: 61_000, lastPollMs: 20 },
  });
});

test("a process that cannot hear consumers is ready, as it contains, and says that it is degraded", async () => {
  const signals = [polledAgo(10), polledAgo(20)];
  for (const statements of [[], [polledAgo(61_000)], [polledAgo(5, 61_000)]]) {
    const { ok, checks } = await reportOf(signals, statements);
    expect(ok).toBe(true);
    expect(checks.find(({ name }) => name === "topics")?.details).toMatchObject({
      statements: "degraded",
    });
  }
  // What consumers say never stands in for a topic of signals.
  expect((await reportOf([polledAgo(10)], [polledAgo(5)])).ok).toBe(false);
});
