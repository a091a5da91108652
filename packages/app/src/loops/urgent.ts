import { createLedgerWorker, type EngineParts } from "@rekey/engine";
import type { Bell, WallClock } from "@rekey/runtime";
import { every } from "./every.ts";
import type { Supervised } from "./supervised.ts";

interface UrgentParts extends EngineParts {
  readonly clock: WallClock;
  readonly urgent: Bell;
}

/** The urgent lane claims from the ledger by itself at least this often, whatever the dispatcher does. */
const urgentMs = 1_000;

/** The urgent lane's own claims: what a slow provider holds up is beside the loop, not in it. */
export const urgentLoop = async (parts: UrgentParts, supervised: Supervised): Promise<void> =>
  await supervised("urgent", async (signal) => {
    const worker = createLedgerWorker(parts, "urgent");
    const pace = { signal, clock: parts.clock, bell: parts.urgent, atMostMs: urgentMs };
    try {
      await every(pace, async () => await worker.round());
    } finally {
      await worker.settled();
    }
  });
