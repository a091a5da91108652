import type { Clock, EventSource, SubscribeRequest, Subscription } from "@rekey/domain";
import type { Log, WallClock } from "@rekey/runtime";
import { every } from "./every.ts";
import { createTopicOutage, lookEveryMs, type TopicOutage } from "./topic-outage.ts";

export interface Consuming extends Pick<SubscribeRequest, "group" | "batchMax" | "onBatch"> {
  readonly source: EventSource;
  /** One: a flood on a topic never delays what comes in by another. */
  readonly topic: string;
  /** Has the subscription while it lives. */
  readonly subscriptions: Subscription[];
  readonly clock: WallClock & Clock;
  readonly log: Log;
  /** Of whoever subscribes again himself. */
  readonly outage?: TopicOutage;
}

/** Reads one topic until the signal aborts. That it cannot be read is told when it changes, and once a minute. */
export const consuming = async (
  { source, topic, subscriptions, clock, log, outage, ...request }: Consuming,
  signal: AbortSignal,
): Promise<void> => {
  const told = outage ?? createTopicOutage({ topic, clock, log });
  const subscription = await source.subscribe({
    ...request,
    topics: [topic],
    onError: (error) => told.failed(error),
  });
  subscriptions.push(subscription);
  try {
    const pace = { signal, clock, atMostMs: lookEveryMs };
    await every(pace, async () => await told.look(subscription));
  } finally {
    await subscription.stop();
    subscriptions.splice(subscriptions.indexOf(subscription), 1);
  }
};
