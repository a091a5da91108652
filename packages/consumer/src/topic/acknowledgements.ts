import {
  acknowledgementType,
  encodeCloudEvent,
  heartbeatType,
  recordKeyOf,
  statementEvent,
  topicNames,
  type StatementType,
} from "@rekey/contracts";
import type { OutgoingRecord } from "@rekey/domain";
import type { AcknowledgementSink } from "../ports.ts";

const deadlineMs = 10_000;

/** Resolves when every copy of the topic has the record; what it rejects with is told and tried again. */
export type AppendRecord = (record: OutgoingRecord) => Promise<void>;

/**
 * Signed statements on `rekey.in.moved`, sent by the client of Kafka that the workload has. The topic answers nothing:
 * what is refused is told at `rekey case list --refused`, not here.
 */
export const topicAcknowledgements = (append: AppendRecord): AcknowledgementSink => {
  const say = async (type: StatementType, jws: string, signal: AbortSignal): Promise<void> => {
    const event = statementEvent({ type, jws });
    const record = { topic: topicNames.moved, key: recordKeyOf(event), ...encodeCloudEvent(event) };
    await inTime(append(record), signal);
  };
  return {
    moved: async (jws, signal) => await say(acknowledgementType, jws, signal),
    alive: async (jws, signal) => await say(heartbeatType, jws, signal),
  };
};

/** A client that never answers must not end the tries: sent twice, a statement is heard once. */
const inTime = async (work: Promise<void>, signal: AbortSignal): Promise<void> => {
  const over = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
  const { promise, reject } = Promise.withResolvers<never>();
  const onOver = (): void => reject(over.reason);
  over.addEventListener("abort", onOver, { once: true });
  try {
    await Promise.race([work, promise]);
  } finally {
    over.removeEventListener("abort", onOver);
  }
};
