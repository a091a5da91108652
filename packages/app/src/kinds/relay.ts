import { relayAll, type RelayParts } from "@rekey/engine";
import type { Clock, Fault } from "@rekey/domain";
import { createOutage, type Bell, type Log, type WallClock } from "@rekey/runtime";
import { every } from "../loops/every.ts";
import type { Supervised } from "../loops/supervised.ts";

interface RelayKindParts extends RelayParts {
  readonly clock: WallClock & Clock;
  readonly tells: Log;
  /** Rung by commits of this process; others are found by looking. */
  readonly outbox: Bell;
  /** Where all commits ring: long. Where none does: an announcement waits this long at most. */
  readonly idleMs: number;
}

/** Outbox to topics and notifier, in order for each key. What cannot be sent is tried each round, and told of when that changes. */
export const relayLoop = async (parts: RelayKindParts, supervised: Supervised): Promise<void> => {
  const outage = createOutage({ part: "outbox", clock: parts.clock, log: parts.tells });
  await supervised("relay", async (signal) => {
    const pace = { signal, clock: parts.clock, bell: parts.outbox, atMostMs: parts.idleMs };
    await every(pace, async () => {
      let failed = false;
      const notSent = (fault: Fault): void => {
        failed = true;
        outage.failed(fault);
      };
      await relayAll(parts, notSent);
      if (!failed) outage.answered();
    });
  });
};
