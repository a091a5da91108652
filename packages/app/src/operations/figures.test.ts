import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Fault, issuerId, type Ledger } from "@rekey/domain";
import { openMemoryLedger } from "@rekey/ledger";
import { createMetrics, newId, silentLog } from "@rekey/runtime";
import { expect, test } from "vitest";
import { createOutages } from "../loops/outages.ts";
import { declareLedgerFigures } from "./ledger-figures.ts";
import { declarePartFigures } from "./part-figures.ts";
import { declareProcessFigures } from "./process-figures.ts";

const reading = (sinceLastPollMs: number) => ({
  health: async () => await Promise.resolve({ sinceLastPollMs, sinceCommitOwedMs: 0, lag: 7 }),
  stop: async () => {},
});

/** All figures of an intake, on a ledger in memory. */
const declared = (ledger: Pick<Ledger, "backlog" | "standing">, polledAgoMs = 5) => {
  let now = 0;
  const clock = { monotonicMs: () => now, sleep: async () => {}, after: () => () => {} };
  const metrics = createMetrics();
  const outages = createOutages({ clock, log: silentLog });
  const own = declareProcessFigures(metrics);
  declareLedgerFigures(metrics, { ledger, issuers: ["shop"], monotonicMs: clock.monotonicMs });
  declarePartFigures(metrics, {
    outages,
    subscriptions: [reading(polledAgoMs)],
    subscriptionsWanted: 1,
    statements: [reading(5)],
    monotonicMs: clock.monotonicMs,
  });
  const pass = (milliseconds: number): void => void (now += milliseconds);
  return { metrics, outages, own, pass };
};

const openLedger = () => openMemoryLedger({ now: () => Date.now(), newId, build: "test" });

/** Type and label of each figure, as a process tells them. */
const toldBy = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...text.matchAll(/^# TYPE (rekey_\w+) (\w+)$/gm)].map(([, name = "", type = ""]) => {
      const series = new RegExp(`^${name}(?:_count)?\\{(\\w+)=`, "m").exec(text);
      return [name, `${type} ${series?.[1] ?? ""}`.trim()];
    }),
  );

const page = readFileSync(join(import.meta.dirname, "../../../../docs/operations.md"), "utf8");
const documented = Object.fromEntries(
  [...page.matchAll(/^\| `(rekey_\w+)` +\| (\w+) +\| (?:`(\w+)`)? *\|/gm)].map(
    ([, name = "", type = "", label = ""]) => [name, `${type} ${label}`.trim()],
  ),
);

test("the table of docs/operations.md has each figure that a process tells, with its type and label, and no other", async () => {
  const { metrics, own } = declared(openLedger());
  own.contained(0.2, { exposed: true });
  own.provenDead(0.6, { exposed: false });
  const told = toldBy(await metrics.text());
  expect(Object.keys(told).length).toBeGreaterThan(10);
  expect(documented).toEqual(told);
});

test("what stands still is told with a figure for each reason, scope and provider, 0 where nothing is", async () => {
  const ledger = openLedger();
  const { metrics, pass } = declared(ledger);
  const before = await metrics.text();
  for (const line of [
    "rekey_rotations_halted 0",
    'rekey_rotations_waiting{reason="approval"} 0',
    'rekey_paused{scope="containment"} 0',
    'rekey_gate_shut{issuer="shop"} 0',
    'rekey_signals_total{outcome="quarantined"} 0',
  ])
    expect(before).toContain(line);
  for (const issuer of ["shop", "gone"].map((name) => issuerId(name)))
    for (const ok of [false, false, false]) await ledger.reportGate({ issuer, ok, jitter: 0 });
  await ledger.setPause({
    pause: { paused: true, all: true, reason: "a drill" },
    actor: { id: "local:ada", kind: "person", roles: [], authenticated: "local" } as never,
  });
  pass(6_000);
  const after = await metrics.text();
  for (const line of [
    'rekey_gate_shut{issuer="shop"} 1',
    'rekey_gate_shut{issuer="other"} 1',
    'rekey_paused{scope="planned"} 1',
    'rekey_paused{scope="containment"} 1',
  ])
    expect(after).toContain(line);
});

test("a ledger that does not answer leaves its figures out, and the process tells what it misses", async () => {
  const lost = async (): Promise<never> => await Promise.reject(new Fault("LEDGER_UNREACHABLE"));
  const { metrics, outages } = declared({ backlog: lost, standing: lost });
  outages.LEDGER_UNREACHABLE.failed(new Fault("LEDGER_UNREACHABLE"));
  const text = await metrics.text();
  expect(text).toContain('rekey_part_away{part="ledger"} 1');
  expect(text).toContain('rekey_part_away{part="jobs"} 0');
  expect(text).not.toMatch(/^rekey_(debt|rotations|cases|paused|gate|work)/m);
});

test("a topic of signals that is not read counts as away, and the lag is told apart from that of statements", async () => {
  const text = await declared(openLedger(), 61_000).metrics.text();
  expect(text).toContain('rekey_part_away{part="topics"} 1');
  expect(text).toContain('rekey_subscription_lag{of="signals"} 7');
  expect(await declared(openLedger()).metrics.text()).toContain('rekey_part_away{part="topics"} 0');
});
