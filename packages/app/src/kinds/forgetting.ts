import type { Clock, Ledger } from "@rekey/domain";
import type { WallClock } from "@rekey/runtime";
import { every } from "../loops/every.ts";
import type { Supervised } from "../loops/supervised.ts";

interface ForgettingParts {
  readonly ledger: Pick<Ledger, "forgetInstances">;
  readonly clock: WallClock & Clock;
  readonly instancesKeptMs: number;
}

const forgetEveryMs = 60_000;
/** Calls of one round: what is left waits for the next. */
const callsMax = 20;

/** Instances that nobody hears of any more are forgotten, in the scheduler. */
export const forgettingLoop = async (
  { ledger, clock, instancesKeptMs: idleMs }: ForgettingParts,
  supervised: Supervised,
): Promise<void> =>
  await supervised("forgetting", async (signal) => {
    await every({ signal, clock, atMostMs: forgetEveryMs }, async () => {
      for (let call = 0; call < callsMax && !signal.aborted; call += 1)
        if ((await ledger.forgetInstances({ idleMs })) === 0) return;
    });
  });
