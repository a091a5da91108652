import { signalOutcomes, type SignalOutcome } from "@rekey/domain";
import type { Metrics } from "@rekey/runtime";

export type TellTime = (seconds: number, options: { readonly exposed: boolean }) => void;

/** What this process did: each deed is counted by the process that committed it, so whoever reads sums. */
export interface ProcessFigures {
  signal(outcome: SignalOutcome): void;
  /** Since its exposure was recorded, or else since its rotation began. */
  readonly contained: TellTime;
  readonly provenDead: TellTime;
  breakerHeld(): void;
}

/** From a tenth of a second, which is a containment, to days, which is a campaign with grace. */
const buckets = [
  0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400, 259_200, 604_800,
] as const;

const exposures = ["yes", "no"] as const;
const exposedLabel = ({ exposed }: { readonly exposed: boolean }) =>
  ({ exposed: exposed ? "yes" : "no" }) as const;

export const declareProcessFigures = (metrics: Metrics): ProcessFigures => {
  const signals = metrics.counter({
    name: "rekey_signals_total",
    help: "signals taken in, by what became of them; one that comes again counts once",
    labels: { outcome: signalOutcomes },
  });
  // A series that begins at its first event hides that event from a rate.
  for (const outcome of signalOutcomes) signals.increment({ outcome }, 0);
  const held = metrics.counter({
    name: "rekey_breaker_held_total",
    help: "steps that the breaker began to hold",
    labels: {},
  });
  const timed = { labels: { exposed: exposures }, buckets };
  const contained = metrics.histogram({
    name: "rekey_contained_seconds",
    help: "from exposure, or the rotation's begin, until a version was refused when tried",
    ...timed,
  });
  const dead = metrics.histogram({
    name: "rekey_proven_dead_seconds",
    help: "from exposure, or the rotation's begin, until a version was proven dead",
    ...timed,
  });
  return {
    signal: (outcome) => signals.increment({ outcome }),
    contained: (seconds, options) => contained.observe(exposedLabel(options), seconds),
    provenDead: (seconds, options) => dead.observe(exposedLabel(options), seconds),
    breakerHeld: () => held.increment({}),
  };
};
