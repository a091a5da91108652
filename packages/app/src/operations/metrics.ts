import { lanes, type Ledger } from "@rekey/domain";
import { createMetrics, type Metrics } from "@rekey/runtime";
import { fresh } from "./fresh.ts";

/** How long one answer of the ledger serves every gauge of a scrape. */
const freshForMs = 1_000;

/** The figures people watch: debt and its age, backlog per lane, what waits to be published. */
export const ledgerMetrics = (ledger: Ledger, monotonicMs: () => number): Metrics => {
  const metrics = createMetrics({ runtime: true });
  const backlog = fresh(async () => await ledger.backlog(), { forMs: freshForMs, monotonicMs });
  metrics.gauge({
    name: "rekey_debt_open",
    help: "revocations owed and not settled",
    labels: {},
    collect: async () => [[{}, (await backlog()).debtOpen]],
  });
  metrics.gauge({
    name: "rekey_debt_oldest_seconds",
    help: "age of the oldest revocation owed",
    labels: {},
    collect: async () => [[{}, ((await backlog()).oldestDebtMs ?? 0) / 1_000]],
  });
  metrics.gauge({
    name: "rekey_outbox_unsent",
    help: "events committed and not yet published",
    labels: {},
    collect: async () => [[{}, (await backlog()).outboxUnsent]],
  });
  metrics.gauge({
    name: "rekey_work_due",
    help: "cases, rotations and watches that are due now",
    labels: { lane: lanes },
    collect: async () => {
      const { due } = await backlog();
      return lanes.map((lane) => [{ lane }, due[lane]] as const);
    },
  });
  return metrics;
};
