import { Fault, type Clock, type Subscription } from "@rekey/domain";
import { createOutage, type Log } from "@rekey/runtime";

/** That a topic cannot be read is told when it changes, and once a minute. */
export interface TopicOutage {
  failed(error: unknown): void;
  /** Asks whether what failed is read again. */
  look(subscription: Subscription): Promise<void>;
}

/** Between two looks, and how long after a failure a poll has to be to end it. */
export const lookEveryMs = 5_000;

/** Kept by whoever subscribes again: an outage may begin with one subscription and end with another. */
export const createTopicOutage = (options: {
  readonly topic: string;
  readonly clock: Clock;
  readonly log: Log;
}): TopicOutage => {
  const { topic, clock, log } = options;
  const outage = createOutage({ part: `topic ${topic}`, clock, log });
  let failedMs: number | undefined;
  return {
    failed(error) {
      if (!(error instanceof Fault)) return log.warn("topic not read", { topic, error });
      failedMs = clock.monotonicMs();
      outage.failed(error);
    },
    async look(subscription) {
      if (failedMs === undefined || !(await readsSince(subscription, clock, failedMs))) return;
      failedMs = undefined;
      outage.answered();
    },
  };
};

/** A topic may be quiet: that it was asked with success well after the failure is the answer. */
const readsSince = async (
  subscription: Subscription,
  clock: Clock,
  failedMs: number,
): Promise<boolean> => {
  const health = await subscription.health().catch(() => undefined);
  if (health === undefined) return false;
  return clock.monotonicMs() - health.sinceLastPollMs - failedMs >= lookEveryMs;
};
