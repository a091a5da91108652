import { caseWaitReasons, lanes, waitReasons, type Ledger, type Standing } from "@rekey/domain";
import type { Metrics } from "@rekey/runtime";
import { fresh } from "./fresh.ts";

/** How long one answer of the ledger serves every gauge of a scrape, and every scrape of a moment. */
const backlogForMs = 1_000;
const standingForMs = 5_000;
/** Issuers with a series of their own: others are told together, as `other`. */
const issuersMax = 200;

interface LedgerFigures {
  readonly ledger: Pick<Ledger, "backlog" | "standing">;
  /** Of this process's configuration. */
  readonly issuers: readonly string[];
  readonly monotonicMs: () => number;
}

/** What the ledger knows: the same at every process, so whoever reads takes the maximum. */
export const declareLedgerFigures = (metrics: Metrics, figures: LedgerFigures): void => {
  declareBacklog(metrics, figures);
  declareStanding(metrics, figures);
};

const declareBacklog = (metrics: Metrics, { ledger, monotonicMs }: LedgerFigures): void => {
  const backlog = fresh(async () => await ledger.backlog(), { forMs: backlogForMs, monotonicMs });
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
    name: "rekey_uncontained_oldest_seconds",
    help: "since it is known of the oldest leak whose version has to die and was not yet refused when tried",
    labels: {},
    collect: async () => [[{}, ((await backlog()).oldestUncontainedMs ?? 0) / 1_000]],
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
};

const pauseScopes = ["planned", "containment"] as const;

const declareStanding = (metrics: Metrics, figures: LedgerFigures): void => {
  const { ledger, monotonicMs } = figures;
  const standing = fresh(async () => await ledger.standing(), {
    forMs: standingForMs,
    monotonicMs,
  });
  metrics.gauge({
    name: "rekey_rotations_halted",
    help: "rotations that stopped for a person",
    labels: {},
    collect: async () => [[{}, (await standing()).rotationsHalted]],
  });
  metrics.gauge({
    name: "rekey_rotations_waiting",
    help: "rotations that wait, by what for; approval is also what the breaker holds",
    labels: { reason: waitReasons },
    collect: async () => {
      const { rotationsWaiting } = await standing();
      return waitReasons.map((reason) => [{ reason }, rotationsWaiting[reason]] as const);
    },
  });
  metrics.gauge({
    name: "rekey_cases_halted",
    help: "cases that stopped for a person",
    labels: {},
    collect: async () => [[{}, (await standing()).casesHalted]],
  });
  metrics.gauge({
    name: "rekey_cases_waiting",
    help: "cases that wait, by what for",
    labels: { reason: caseWaitReasons },
    collect: async () => {
      const { casesWaiting } = await standing();
      return caseWaitReasons.map((reason) => [{ reason }, casesWaiting[reason]] as const);
    },
  });
  declareSwitches(metrics, standing, figures.issuers.slice(0, issuersMax));
};

const declareSwitches = (
  metrics: Metrics,
  standing: () => Promise<Standing>,
  issuers: readonly string[],
): void => {
  metrics.gauge({
    name: "rekey_paused",
    help: "1 while a pause holds planned work, or containment too",
    labels: { scope: pauseScopes },
    collect: async () => {
      const { paused, all } = (await standing()).pause;
      return [
        [{ scope: "planned" }, paused ? 1 : 0],
        [{ scope: "containment" }, paused && all ? 1 : 0],
      ];
    },
  });
  metrics.gauge({
    name: "rekey_gate_shut",
    help: "1 while calls to a provider are held back after failures in a row",
    labels: { issuer: issuers },
    collect: async () => {
      const { gatesShut } = await standing();
      const others = gatesShut.filter((issuer) => !issuers.includes(issuer));
      return [
        ...issuers.map(
          (issuer) => [{ issuer }, gatesShut.some((shut) => shut === issuer) ? 1 : 0] as const,
        ),
        ...others.map((issuer) => [{ issuer }, 1] as const),
      ];
    },
  });
};
