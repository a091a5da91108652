import { faultCodes, type Clock, type Fault } from "@rekey/domain";
import type { Log } from "./log.ts";

/** What one part of a process does not answer is weather: told when it changes, not each time somebody asks. */
export interface Outage {
  /** Told when it is new, and once a minute while it lasts, with how long and how often; `loop` is who met it. */
  failed(fault: Fault, loop?: string): void;
  /**
   * Told when the part had been away, until its first answer; an answer between two failures is no end. Who learns of an
   * answer later says when it was, by the monotonic clock.
   */
  answered(atMs?: number): void;
  /** From its first failure until its end is told: whoever asks meanwhile finds out that it is back. */
  away(): boolean;
}

const tellEveryMs = 60_000;
/** A part that failed a moment ago is not back yet: some of what asks it may still fail. */
const settleMs = 5_000;

interface Away {
  readonly sinceMs: number;
  failedMs: number;
  /** The first answer since the last failure. */
  answeredMs: number | undefined;
  toldMs: number;
  count: number;
}

export function createOutage(options: {
  /** Such as `ledger`: a field of the lines. */
  readonly part: string;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly log: Pick<Log, "info" | "warn">;
}): Outage {
  const { part: component, clock, log } = options;
  let away: Away | undefined;
  return {
    failed({ code, providerCode }, loop) {
      const clue = { component, code, providerCode, loop };
      const now = clock.monotonicMs();
      if (away === undefined) {
        away = { sinceMs: now, failedMs: now, answeredMs: undefined, toldMs: now, count: 1 };
        log.warn("a part went away", { ...clue, reason: faultCodes[code].next });
        return;
      }
      away.failedMs = now;
      away.answeredMs = undefined;
      away.count += 1;
      if (now - away.toldMs < tellEveryMs) return;
      away.toldMs = now;
      const durationMs = Math.round(now - away.sinceMs);
      log.warn("a part is still away", { ...clue, count: away.count, durationMs });
    },
    answered(atMs) {
      if (away === undefined) return;
      const now = clock.monotonicMs();
      away.answeredMs ??= Math.max(atMs ?? now, away.failedMs);
      if (now - away.failedMs < settleMs) return;
      const { sinceMs, answeredMs, count } = away;
      away = undefined;
      const durationMs = Math.round(answeredMs - sinceMs);
      log.info("a part is back", { component, count, durationMs });
    },
    away: () => away !== undefined,
  };
}
