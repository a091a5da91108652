import type { EventSource, IncomingBatch, Subscription } from "@rekey/domain";
import { takeBatch, type IntakeParts } from "@rekey/engine";
import type { Log } from "@rekey/runtime";
import { aborted } from "../loops/aborted.ts";
import type { Supervised } from "../loops/supervised.ts";

interface IntakeKind {
  readonly parts: IntakeParts;
  readonly source: EventSource;
  /** Each gets a subscription and a loop of its own: a flood on one never delays what comes in by another. */
  readonly topics: readonly string[];
  /** Filled with the subscriptions that live. */
  readonly subscriptions: Subscription[];
  readonly log: Log;
}

const intakeGroup = "rekey-intake";
const batchMax = 500;
/**
 * The offset of a batch with a leak is committed this late: the request and its answer would compete with the
 * containment for its first milliseconds in this event loop.
 */
const afterUrgentMs = 12;

/** Takes in signals, and starts what is urgent in this process. */
export const intakeLoops = (kind: IntakeKind, supervised: Supervised): readonly Promise<void>[] =>
  kind.topics.map(
    async (topic) =>
      await supervised(`intake ${topic}`, async (signal) => await consume(kind, topic, signal)),
  );

const consume = async (
  { parts, source, subscriptions, log }: IntakeKind,
  topic: string,
  signal: AbortSignal,
): Promise<void> => {
  const subscription = await source.subscribe({
    topics: [topic],
    group: intakeGroup,
    batchMax,
    onBatch: async (batch: IncomingBatch) => {
      const { urgent } = await takeBatch(parts, batch);
      // A stop does not wait: what is recorded is only delivered again.
      if (urgent > 0) await parts.clock.sleep(afterUrgentMs, signal).catch(() => undefined);
    },
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
