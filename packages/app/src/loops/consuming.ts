import {
  Fault,
  type Clock,
  type EventSource,
  type SubscribeRequest,
  type Subscription,
} from "@rekey/domain";
import { createOutage, type Log, type WallClock } from "@rekey/runtime";
import { every } from "./every.ts";

interface Consuming extends Pick<SubscribeRequest, "group" | "batchMax" | "onBatch"> {
  readonly source: EventSource;
  /** One: a flood on a topic never delays what comes in by another. */
  readonly topic: string;
  /** Has the subscription while it lives. */
  readonly subscriptions: Subscription[];
  readonly clock: WallClock & Clock;
  readonly log: Log;
}

const lookEveryMs = 5_000;

/** Reads one topic until the signal aborts. That it cannot be read is told when it changes, and once a minute. */
export const consuming = async (
  { source, topic, subscriptions, clock, log, ...request }: Consuming,
  signal: AbortSignal,
): Promise<void> => {
  const outage = createOutage({ part: `topic ${topic}`, clock, log });
  let failedMs: number | undefined;
  const onError = (error: unknown): void => {
    if (!(error instanceof Fault)) return log.warn("topic not read", { topic, error });
    failedMs = clock.monotonicMs();
    outage.failed(error);
  };
  const subscription = await source.subscribe({ ...request, topics: [topic], onError });
  subscriptions.push(subscription);
  try {
    await every({ signal, clock, atMostMs: lookEveryMs }, async () => {
      if (failedMs === undefined || !(await readsSince(subscription, clock, failedMs))) return;
      failedMs = undefined;
      outage.answered();
    });
  } finally {
    await subscription.stop();
    subscriptions.splice(subscriptions.indexOf(subscription), 1);
  }
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
