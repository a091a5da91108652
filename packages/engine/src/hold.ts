import { holdMs, holdRenewMs, type Cancellation, type Hold } from "@rekey/domain";
import type { EngineParts } from "./parts.ts";

/** Another worker has the work, or may have it: stop without writing. */
export class HoldLost extends Error {
  constructor() {
    super("the hold was lost");
    this.name = "HoldLost";
  }
}

/** A provider call must end this long before the hold could. */
const holdReserveMs = 2_000;
/** No call is given longer than this, however fresh the hold. */
export const callDeadlineMaxMs = 10_000;

export interface KeptHold {
  readonly signal: Cancellation;
  /** Milliseconds a call may take if it starts now; HoldLost when there is no time left. */
  callDeadlineMs(): number;
  stop(): void;
}

/**
 * Renews a hold under the same fence while a step awaits. A failed renewal aborts the signal, so that the
 * running step stops; what it did is unknown and confirmed by the next worker.
 */
export const keepHold = (
  parts: Pick<EngineParts, "ledger" | "clock" | "newAbort">,
  hold: Hold,
): KeptHold => {
  const abort = parts.newAbort();
  let heldSince = parts.clock.monotonicMs();
  let cancelTimer: () => void = () => undefined;
  let stopped = false;

  const renew = async (): Promise<void> => {
    const askedAt = parts.clock.monotonicMs();
    const ours = await parts.ledger.renew(hold).catch(() => undefined);
    if (stopped) return;
    if (ours === true) heldSince = askedAt;
    const over = parts.clock.monotonicMs() - heldSince >= holdMs - holdReserveMs;
    if (ours === false || over) abort.abort(new HoldLost());
    else schedule();
  };
  const schedule = (): void => {
    cancelTimer = parts.clock.after(holdRenewMs, () => void renew());
  };
  schedule();

  return {
    signal: abort.signal,
    callDeadlineMs: () => {
      const left = heldSince + holdMs - holdReserveMs - parts.clock.monotonicMs();
      if (left <= 0 || abort.signal.aborted) throw new HoldLost();
      return Math.min(left, callDeadlineMaxMs);
    },
    stop: () => {
      stopped = true;
      cancelTimer();
    },
  };
};
