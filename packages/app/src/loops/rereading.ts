import { Fault } from "@rekey/domain";
import { consuming, type Consuming } from "./consuming.ts";
import { createTopicOutage } from "./topic-outage.ts";

interface Rereading extends Omit<Consuming, "outage"> {
  /** Whether what ended a subscription is waited out here; what is not ends the loop. */
  readonly bears: (failure: unknown) => boolean;
  /** Longest time between two tries. */
  readonly pauseMsMax: number;
}

/** Before the second try; doubles with each. */
const pauseMs = 1_000;

/**
 * Reads one topic until the signal aborts, and subscribes again after what may be borne. It is told when it changes,
 * and once a minute: what keeps a process from one topic keeps it from no other.
 */
export const rereading = async (
  { bears, pauseMsMax, ...reading }: Rereading,
  signal: AbortSignal,
): Promise<void> => {
  const { topic, clock, log } = reading;
  const outage = createTopicOutage({ topic, clock, log });
  for (let tries = 0; !signal.aborted; tries += 1) {
    const sinceMs = clock.monotonicMs();
    const failure = await consuming({ ...reading, outage }, signal).catch(
      (error: unknown) => error,
    );
    if (signal.aborted) return;
    if (!bears(failure)) throw failure;
    if (failure instanceof Fault) outage.failed(failure);
    else log.error("topic not read", { topic, error: failure });
    if (clock.monotonicMs() - sinceMs > pauseMsMax) tries = 0;
    const waitMs = Math.min(pauseMs * 2 ** Math.min(tries, 16), pauseMsMax);
    await clock.sleep(waitMs, signal).catch(() => undefined);
  }
};
