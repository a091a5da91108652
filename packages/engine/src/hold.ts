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
/** A renewal that got no answer is asked again this soon, until the hold could be over. */
const renewRetryMs = 1_000;

export interface KeptHold {
  readonly signal: Cancellation;
  /** Milliseconds a call may take if it starts now; HoldLost when there is no time left. */
  callDeadlineMs(): number;
  stop(): void;
}

type HoldParts = Pick<EngineParts, "ledger" | "clock" | "newAbort">;

/**
 * Renews a hold under the same fence while a step awaits. A refused renewal aborts the signal; so does the
 * moment at which the hold could be over, whatever the ledger does then. What the step did is unknown and
 * confirmed by the next worker. `heldSinceMs`: monotonic time before the claim was asked.
 */
export const keepHold = (
  { ledger, clock, newAbort }: HoldParts,
  hold: Hold,
  heldSinceMs: number = clock.monotonicMs(),
): KeptHold => {
  const abort = newAbort();
  let heldSince = heldSinceMs;
  let cancelRenewal = noTimer;
  let cancelEnd = noTimer;
  let stopped = false;

  const leftMs = (): number => heldSince + holdMs - holdReserveMs - clock.monotonicMs();
  const stop = (): void => {
    stopped = true;
    cancelRenewal();
    cancelEnd();
  };
  const lose = (): void => {
    stop();
    abort.abort(new HoldLost());
  };
  const renewIn = (milliseconds: number): void => {
    cancelRenewal = clock.after(milliseconds, () => void renew());
  };
  const heldFrom = (since: number): void => {
    heldSince = since;
    cancelEnd();
    cancelEnd = clock.after(Math.max(0, leftMs()), lose);
    renewIn(holdRenewMs);
  };
  const renew = async (): Promise<void> => {
    const askedAt = clock.monotonicMs();
    const ours = await askRenewal(ledger, hold);
    if (stopped) return;
    if (ours === false) lose();
    else if (ours === true) heldFrom(askedAt);
    else renewIn(renewRetryMs);
  };
  heldFrom(heldSinceMs);

  return {
    signal: abort.signal,
    callDeadlineMs: () => {
      const left = leftMs();
      if (left <= 0 || abort.signal.aborted) throw new HoldLost();
      return Math.min(left, callDeadlineMaxMs);
    },
    stop,
  };
};

const noTimer = (): void => undefined;

/** Undefined when the ledger gave no answer. */
const askRenewal = async (
  ledger: HoldParts["ledger"],
  hold: Hold,
): Promise<boolean | undefined> => {
  try {
    return await ledger.renew(hold);
  } catch {
    return undefined;
  }
};
