import type { EventSink, Ledger, Subscription } from "@rekey/domain";
import {
  createHealth,
  startOperationsServer,
  systemClock,
  type Health,
  type Log,
  type Shutdown,
} from "@rekey/runtime";
import type { RunningKinds } from "../kinds/start.ts";
import { fresh } from "./fresh.ts";
import { declareLedgerFigures } from "./ledger-figures.ts";
import { declarePartFigures } from "./part-figures.ts";
import { isRead } from "./reading.ts";

interface Observed {
  readonly ledger: Ledger;
  /** Live ones to signals: a loop that is rebuilt brings a new one. */
  readonly subscriptions: readonly Subscription[];
  /** How many there must be: one for each topic that signals come in by. */
  readonly subscriptionsWanted: number;
  /** To what consumers say. A process that cannot hear it is ready all the same: it contains. */
  readonly statements: readonly Subscription[];
  /** Where a process does nothing but write to topics, it is not ready without them. */
  readonly sink?: Pick<EventSink, "check">;
  readonly log: Log;
}

/** A probe shows several figures, and several probes come at once. */
const freshly = { forMs: 1_000, monotonicMs: () => systemClock.monotonicMs() };
/** Asking the brokers costs more than asking ourselves. */
const freshlyAsked = { ...freshly, forMs: 5_000 };

/** Readiness with the figures a person asks for first: last poll, lag, due backlog, oldest debt. */
export const observeHealth = (observed: Observed): Health => {
  const health = createHealth({ clock: systemClock, log: observed.log });
  addLedger(health, observed);
  if (observed.subscriptionsWanted > 0) addSubscriptions(health, observed);
  const { sink } = observed;
  if (sink !== undefined) {
    const answers = fresh(async () => await sink.check().then(() => true), freshlyAsked);
    health.add({ name: "topics", kind: "ready", check: answers });
  }
  return health;
};

const addLedger = (health: Health, { ledger }: Observed): void => {
  const backlog = fresh(async () => await ledger.backlog(), freshly);
  health.add({
    name: "ledger",
    kind: "ready",
    check: async () => await ledger.check().then(() => true),
    details: {
      debtOpen: async () => (await backlog()).debtOpen,
      oldestDebtMs: async () => (await backlog()).oldestDebtMs,
      dueUrgent: async () => (await backlog()).due.urgent,
      duePlanned: async () => (await backlog()).due.planned,
    },
  });
};

const addSubscriptions = (
  health: Health,
  { subscriptions, subscriptionsWanted, statements }: Observed,
): void => {
  const healthOf = (some: readonly Subscription[]) =>
    fresh(
      async () => await Promise.all(some.map(async (subscription) => await subscription.health())),
      freshly,
    );
  const signals = healthOf(subscriptions);
  const said = healthOf(statements);
  const all = async () => [...(await signals()), ...(await said())];
  health.add({
    name: "topics",
    kind: "ready",
    check: async () => (await signals()).filter(isRead).length >= subscriptionsWanted,
    details: {
      subscriptions: () => subscriptions.length + statements.length,
      statements: async () => ((await said()).some(isRead) ? "read" : "degraded"),
      lag: async () => (await all()).reduce((sum, { lag }) => sum + lag, 0),
      lastPollMs: async () =>
        Math.max(0, ...(await all()).map(({ sinceLastPollMs }) => sinceLastPollMs)),
      commitOwedMs: async () =>
        Math.max(0, ...(await all()).map(({ sinceCommitOwedMs }) => sinceCommitOwedMs)),
    },
  });
};

/** Serves health and metrics; answers the port. */
export const serveOperations = async (options: {
  ledger: Ledger;
  running: Pick<
    RunningKinds,
    "metrics" | "outages" | "subscriptions" | "subscriptionsWanted" | "statements"
  >;
  /** Names of the configured ones. */
  issuers: readonly string[];
  health: Health;
  host: string;
  port: number;
  shutdown: Shutdown;
}): Promise<number> => {
  const { ledger, running, issuers, health, host, port, shutdown } = options;
  const { metrics } = running;
  const monotonicMs = (): number => systemClock.monotonicMs();
  declareLedgerFigures(metrics, { ledger, issuers, monotonicMs });
  declarePartFigures(metrics, { ...running, monotonicMs });
  const operations = await startOperationsServer({ host, port, health, metrics });
  shutdown.onStop("operations", async () => await operations.close());
  return operations.port;
};
