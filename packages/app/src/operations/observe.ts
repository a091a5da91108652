import type { Ledger, Subscription } from "@rekey/domain";
import {
  createHealth,
  startOperationsServer,
  systemClock,
  type Health,
  type Log,
  type Shutdown,
} from "@rekey/runtime";
import { ledgerMetrics } from "./metrics.ts";

interface Observed {
  readonly ledger: Ledger;
  /** Live ones: a loop that is rebuilt brings a new one. */
  readonly subscriptions: readonly Subscription[];
  /** How many there must be: one for each topic that signals come in by. */
  readonly subscriptionsWanted: number;
  readonly log: Log;
}

/** A subscription that has not polled for this long is dead, whatever it says. */
const pollStaleMs = 60_000;

/** Readiness with the figures a person asks for first: last poll, lag, due backlog, oldest debt. */
export const observeHealth = ({
  ledger,
  subscriptions,
  subscriptionsWanted,
  log,
}: Observed): Health => {
  const health = createHealth({ clock: systemClock, log });
  health.add({
    name: "ledger",
    kind: "ready",
    check: async () => await ledger.check().then(() => true),
    details: {
      debtOpen: async () => (await ledger.backlog()).debtOpen,
      oldestDebtMs: async () => (await ledger.backlog()).oldestDebtMs,
      dueUrgent: async () => (await ledger.backlog()).due.urgent,
      duePlanned: async () => (await ledger.backlog()).due.planned,
    },
  });
  const all = async () =>
    await Promise.all(subscriptions.map(async (subscription) => await subscription.health()));
  if (subscriptionsWanted === 0) return health;
  health.add({
    name: "topics",
    kind: "ready",
    check: async () => {
      const polling = (await all()).filter(({ sinceLastPollMs }) => sinceLastPollMs < pollStaleMs);
      return polling.length >= subscriptionsWanted;
    },
    details: {
      subscriptions: () => subscriptions.length,
      lag: async () => (await all()).reduce((sum, { lag }) => sum + lag, 0),
      lastPollMs: async () =>
        Math.max(0, ...(await all()).map(({ sinceLastPollMs }) => sinceLastPollMs)),
    },
  });
  return health;
};

/** Serves health and metrics; answers the port. */
export const serveOperations = async (options: {
  ledger: Ledger;
  health: Health;
  host: string;
  port: number;
  shutdown: Shutdown;
}): Promise<number> => {
  const { ledger, health, host, port, shutdown } = options;
  const metrics = ledgerMetrics(ledger, () => systemClock.monotonicMs());
  const operations = await startOperationsServer({ host, port, health, metrics });
  shutdown.onStop("operations", async () => await operations.close());
  return operations.port;
};
