import { Fault, type Clock, type Ledger } from "@rekey/domain";
import type { Outage, WallClock } from "@rekey/runtime";

const askEveryMs = 200;
const askEveryMsMax = 1_000;

interface AnsweringOptions {
  readonly ledger: Pick<Ledger, "check">;
  readonly clock: WallClock & Clock;
  readonly signal: AbortSignal;
  /** Told of each question that finds no answer. */
  readonly outage: Outage;
}

/**
 * Resolves when the ledger answers, or when the signal aborts; however many loops wait, one asks. What is no outage
 * the loop runs into itself, and says so.
 */
export const createAnswering = (options: AnsweringOptions): (() => Promise<void>) => {
  let asking: Promise<void> | undefined;
  const end = (): void => {
    asking = undefined;
  };
  return async () => await (asking ??= askUntilAnswered(options).finally(end));
};

const askUntilAnswered = async ({
  ledger,
  clock,
  signal,
  outage,
}: AnsweringOptions): Promise<void> => {
  let pauseMs = askEveryMs;
  while (!signal.aborted) {
    const failure: unknown = await ledger.check().then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(failure instanceof Fault)) return;
    outage.failed(failure);
    await clock.sleep(pauseMs, signal).catch(() => undefined);
    pauseMs = Math.min(pauseMs * 2, askEveryMsMax);
  }
};
