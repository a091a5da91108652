import type { Subscription } from "@rekey/domain";
import type { Metrics } from "@rekey/runtime";
import type { Outages } from "../loops/outages.ts";
import { fresh } from "./fresh.ts";
import { isRead } from "./reading.ts";

interface PartFigures {
  readonly outages: Outages;
  readonly subscriptions: readonly Subscription[];
  readonly subscriptionsWanted: number;
  readonly statements: readonly Subscription[];
  readonly monotonicMs: () => number;
}

const parts = ["ledger", "jobs", "topics"] as const;
const readings = ["signals", "statements"] as const;
/** Asking the brokers what is left costs a request for each topic. */
const lagForMs = 5_000;

/** Whom this process cannot reach, and how far behind its subscriptions are. */
export const declarePartFigures = (metrics: Metrics, figures: PartFigures): void => {
  const { outages, subscriptions, subscriptionsWanted, statements, monotonicMs } = figures;
  const healthOf = (some: readonly Subscription[]) =>
    fresh(async () => await Promise.all(some.map(async (one) => await one.health())), {
      forMs: lagForMs,
      monotonicMs,
    });
  const signals = healthOf(subscriptions);
  const said = healthOf(statements);
  metrics.gauge({
    name: "rekey_part_away",
    help: "1 while this process meets no answer of a part that it needs",
    labels: { part: parts },
    collect: async () => {
      const unread = (await signals()).filter(isRead).length < subscriptionsWanted;
      return [
        [{ part: "ledger" }, outages.LEDGER_UNREACHABLE.away() ? 1 : 0],
        [{ part: "jobs" }, outages.JOBS_UNREACHABLE.away() ? 1 : 0],
        [{ part: "topics" }, unread || outages.TOPICS_UNREACHABLE.away() ? 1 : 0],
      ];
    },
  });
  metrics.gauge({
    name: "rekey_subscription_lag",
    help: "records of the topics that this process reads which its groups have not taken in",
    labels: { of: readings },
    collect: async () =>
      subscriptionsWanted === 0
        ? []
        : [
            [{ of: "signals" }, lagOf(await signals())],
            [{ of: "statements" }, lagOf(await said())],
          ],
  });
};

const lagOf = (healths: readonly { readonly lag: number }[]): number =>
  healths.reduce((sum, { lag }) => sum + lag, 0);
