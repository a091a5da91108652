import { expect, test } from "vitest";
import type { MaintenanceWindow } from "./policy.ts";
import { planningWindow, windowProblem } from "./windows.ts";

const at = (text: string): number => Date.parse(text);
const hour = 3_600_000;
const night: MaintenanceWindow = { cron: "30 2 * * *", zone: "Europe/Berlin", durationMs: hour };
const ask = (text: string, windows = [night]) => planningWindow({ windows, freezes: [] }, at(text));

test("without windows planned work may start at any time", () => {
  expect(ask("2026-01-15T12:00:00Z", [])).toEqual({ open: true });
});

test("a window is open from its start until just before its end", () => {
  expect(ask("2026-01-15T01:29:59.999Z").open).toBe(false);
  expect(ask("2026-01-15T01:30:00Z").open).toBe(true);
  expect(ask("2026-01-15T02:29:59.999Z").open).toBe(true);
  expect(ask("2026-01-15T02:30:00Z").open).toBe(false);
});

test("a closed window says when to ask again, by the zone's own clock in winter and summer", () => {
  expect(ask("2026-01-15T12:00:00Z")).toMatchObject({ until: at("2026-01-16T01:30:00Z") });
  expect(ask("2026-07-15T12:00:00Z")).toMatchObject({ until: at("2026-07-16T00:30:00Z") });
});

test("a window whose hour the clocks skip or repeat still opens on that day", () => {
  const opens = (from: string): number =>
    Array.from({ length: 24 * 4 }, (_none, quarter) => at(from) + quarter * 900_000).filter(
      (now) => planningWindow({ windows: [night], freezes: [] }, now).open,
    ).length;
  expect(opens("2026-03-28T23:00:00Z")).toBe(4);
  expect(opens("2026-10-24T22:00:00Z")).toBeGreaterThanOrEqual(4);
});

test("a window longer than its period's rest reaches over midnight", () => {
  const late = { cron: "0 22 * * 5", zone: "UTC", durationMs: 8 * hour };
  expect(ask("2026-01-17T05:59:00Z", [late]).open).toBe(true);
  expect(ask("2026-01-17T06:00:00Z", [late]).open).toBe(false);
});

test("any open window is enough, and the nearest opening is named", () => {
  const noon = { cron: "0 12 * * *", zone: "UTC", durationMs: hour };
  expect(ask("2026-01-15T12:30:00Z", [night, noon]).open).toBe(true);
  expect(ask("2026-01-15T10:00:00Z", [night, noon])).toMatchObject({
    until: at("2026-01-15T12:00:00Z"),
  });
});

test("a freeze closes everything until it ends, even inside a window", () => {
  const freezes = [
    { from: at("2026-01-15T00:00:00Z"), until: at("2026-01-16T00:00:00Z"), reason: "year end" },
  ];
  const frozen = planningWindow({ windows: [night], freezes }, at("2026-01-15T01:45:00Z"));
  expect(frozen).toEqual({
    open: false,
    until: at("2026-01-16T00:00:00Z"),
    reason: "freeze: year end",
  });
  expect(planningWindow({ windows: [], freezes }, at("2026-01-16T00:00:00Z"))).toEqual({
    open: true,
  });
});

test("a yearly window is asked about again within eight days", () => {
  const yearly = { cron: "0 0 1 1 *", zone: "UTC", durationMs: hour };
  const now = at("2026-03-01T00:00:00Z");
  expect(planningWindow({ windows: [yearly], freezes: [] }, now)).toMatchObject({
    until: now + 8 * 24 * hour,
  });
});

test("an expression or zone that means nothing is named as a problem", () => {
  expect(windowProblem("30 2 * * *", "Europe/Berlin")).toBeUndefined();
  for (const [cron, zone] of [
    ["* * * * * *", "UTC"],
    ["@daily", "UTC"],
    ["61 2 * * *", "UTC"],
    ["30 2 * * *", "Europe/Nowhere"],
    ["0 0 31 2 *", "UTC"],
  ] as const)
    expect(windowProblem(cron, zone)).toBeTypeOf("string");
});
