import type { Ledger } from "@rekey/domain";
import type { WallClock } from "@rekey/runtime";

const askEveryMs = 200;
/** After this long the loop runs into the failure itself, and says so. */
const askMsMax = 60_000;

/** Resolves when the ledger answers, when it did not for a minute, or when the signal aborts. */
export const answering = async (
  ledger: Pick<Ledger, "check">,
  clock: WallClock,
  signal: AbortSignal,
): Promise<void> => {
  const endsAt = clock.monotonicMs() + askMsMax;
  while (!signal.aborted && clock.monotonicMs() < endsAt) {
    const answers = await ledger.check().then(
      () => true,
      () => false,
    );
    if (answers) return;
    await clock.sleep(askEveryMs, signal).catch(() => undefined);
  }
};
