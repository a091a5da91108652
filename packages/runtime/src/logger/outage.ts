import { faultCodes, type Clock, type Fault } from "@rekey/domain";
import type { Log } from "./log.ts";

/** What one part of a process does not answer is weather: told when it changes, not each time somebody asks. */
export interface Outage {
  /** Told when it is new, and once a minute while it lasts, with how long and how often; `loop` is who met it. */
  failed(fault: Fault, loop?: string): void;
  /** Told when the part had been away; an answer between two failures is no end. */
  answered(): void;
}

const tellEveryMs = 60_000;
/** A part that failed a moment ago is not back yet: some of what asks it may still fail. */
const settleMs = 5_000;

export function createOutage(options: {
  /** Such as `ledger`: a field of the lines. */
  readonly part: string;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly log: Pick<Log, "info" | "warn">;
}): Outage {
  const { part: component, clock, log } = options;
  let away: { sinceMs: number; failedMs: number; toldMs: number; count: number } | undefined;
  return {
    failed({ code, providerCode }, loop) {
      const clue = { component, code, providerCode, loop };
      const now = clock.monotonicMs();
      if (away === undefined) {
        away = { sinceMs: now, failedMs: now, toldMs: now, count: 1 };
        log.warn("a part went away", { ...clue, reason: faultCodes[code].next });
        return;
      }
      away.failedMs = now;
      away.count += 1;
      if (now - away.toldMs < tellEveryMs) return;
      away.toldMs = now;
      const durationMs = Math.round(now - away.sinceMs);
      log.warn("a part is still away", { ...clue, count: away.count, durationMs });
    },
    answered() {
      if (away === undefined || clock.monotonicMs() - away.failedMs < settleMs) return;
      const { sinceMs, failedMs, count } = away;
      away = undefined;
      const durationMs = Math.round(failedMs - sinceMs);
      log.info("a part is back", { component, count, durationMs });
    },
  };
}
