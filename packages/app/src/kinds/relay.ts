import { relayAll, type RelayParts } from "@rekey/engine";
import type { Bell, WallClock } from "@rekey/runtime";
import { every } from "../loops/every.ts";
import type { Supervised } from "../loops/supervised.ts";

interface RelayKindParts extends RelayParts {
  readonly clock: WallClock;
  /** Rung by commits of this process; others are found by looking. */
  readonly outbox: Bell;
  /** Where all commits ring: long. Where none does: an announcement waits this long at most. */
  readonly idleMs: number;
}

/** Outbox to topics and notifier, in order for each key. */
export const relayLoop = async (parts: RelayKindParts, supervised: Supervised): Promise<void> =>
  await supervised("relay", async (signal) => {
    const pace = { signal, clock: parts.clock, bell: parts.outbox, atMostMs: parts.idleMs };
    await every(pace, async () => await relayAll(parts));
  });
