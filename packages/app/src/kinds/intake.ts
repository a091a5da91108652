import {
  Fault,
  type Clock,
  type EventSource,
  type IncomingBatch,
  type Subscription,
} from "@rekey/domain";
import { takeBatch, type IntakeParts } from "@rekey/engine";
import type { Log, WallClock } from "@rekey/runtime";
import { rereading } from "../loops/rereading.ts";
import type { Supervised } from "../loops/supervised.ts";

interface IntakeKind {
  readonly parts: IntakeParts;
  readonly source: EventSource;
  /** Each gets a subscription and a loop of its own: a flood on one never delays what comes in by another. */
  readonly topics: readonly string[];
  /** Filled with the subscriptions that live. */
  readonly subscriptions: Subscription[];
  readonly clock: WallClock & Clock;
  readonly log: Log;
}

/** Of each topic that an intake reads. */
export const intakeGroup = "rekey-intake";
const batchMax = 500;
/**
 * The offset of a batch with a leak is committed this late: the request and its answer would compete with the
 * containment for its first milliseconds in this event loop.
 */
const afterUrgentMs = 12;

/** A topic that may not be read is tried again this often at least: a leak may be waiting in it. */
const pauseMsMax = 10_000;

/** One producer's access list, or a topic that nobody made: the others' leaks are contained meanwhile. */
const isOfItsTopic = (failure: unknown): boolean =>
  failure instanceof Fault && failure.code === "TOPIC_REJECTED";

/** Takes in signals, and starts what is urgent in this process. */
export const intakeLoops = (
  { topics, ...kind }: IntakeKind,
  supervised: Supervised,
): readonly Promise<void>[] =>
  topics.map(
    async (topic) =>
      await supervised(`intake ${topic}`, async (signal) => await consume(kind, topic, signal)),
  );

const consume = async (
  { parts, ...reading }: Omit<IntakeKind, "topics">,
  topic: string,
  signal: AbortSignal,
): Promise<void> => {
  const onBatch = async (batch: IncomingBatch): Promise<void> => {
    const { urgent } = await takeBatch(parts, batch);
    // A stop does not wait: what is recorded is only delivered again.
    if (urgent > 0) await parts.clock.sleep(afterUrgentMs, signal).catch(() => undefined);
  };
  const request = { ...reading, topic, group: intakeGroup, batchMax, onBatch };
  await rereading({ ...request, bears: isOfItsTopic, pauseMsMax }, signal);
};
