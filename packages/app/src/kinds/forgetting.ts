import type { Clock, InstanceName, Ledger } from "@rekey/domain";
import type { WallClock } from "@rekey/runtime";
import { every } from "../loops/every.ts";
import type { Supervised } from "../loops/supervised.ts";

interface ForgettingParts {
  readonly ledger: Pick<Ledger, "forgetInstances">;
  readonly clock: WallClock & Clock;
  readonly instancesKeptMs: number;
}

const forgetEveryMs = 3_600_000;
/** Calls of one round: the next one begins where this one ended. */
const callsMax = 1_000;

/** Instances that nobody hears of any more are forgotten, in the scheduler: it looks at all of them, some at a time. */
export const forgettingLoop = async (
  { ledger, clock, instancesKeptMs: idleMs }: ForgettingParts,
  supervised: Supervised,
): Promise<void> =>
  await supervised("forgetting", async (signal) => {
    let after: InstanceName | undefined;
    await every({ signal, clock, atMostMs: forgetEveryMs }, async () => {
      for (let call = 0; call < callsMax && !signal.aborted; call += 1) {
        const { forgotten, next } = await ledger.forgetInstances({
          idleMs,
          ...(after && { after }),
        });
        // There may be more of it at the same place.
        if (forgotten > 0) continue;
        after = next;
        if (after === undefined) return;
      }
    });
  });
