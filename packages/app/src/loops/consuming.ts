import type { EventSource, SubscribeRequest, Subscription } from "@rekey/domain";
import type { Log } from "@rekey/runtime";
import { aborted } from "./aborted.ts";

interface Consuming extends Pick<SubscribeRequest, "group" | "batchMax" | "onBatch"> {
  readonly source: EventSource;
  /** One: a flood on a topic never delays what comes in by another. */
  readonly topic: string;
  /** Has the subscription while it lives. */
  readonly subscriptions: Subscription[];
  readonly log: Log;
}

/** Reads one topic until the signal aborts. */
export const consuming = async (
  { source, topic, subscriptions, log, ...request }: Consuming,
  signal: AbortSignal,
): Promise<void> => {
  const subscription = await source.subscribe({
    ...request,
    topics: [topic],
    onError: (error) => log.warn("topic not read", { topic, error }),
  });
  subscriptions.push(subscription);
  try {
    await aborted(signal);
  } finally {
    await subscription.stop();
    subscriptions.splice(subscriptions.indexOf(subscription), 1);
  }
};
