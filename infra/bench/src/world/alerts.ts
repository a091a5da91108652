import { encodeCloudEvent, producerTopic, recordKeyOf, signalEvent } from "@rekey/contracts";
import type { OutgoingRecord, Signal } from "@rekey/domain";
import { newId, silentLog, systemClock } from "@rekey/runtime";
import { openKafkaTopics } from "@rekey/topics";

/** The producer of rekey.yaml that reports leaks. */
const producer = "scanner";

export interface Leaked {
  readonly credential: string;
  readonly version: number;
}

/** A scanner's report of one version, as an event in its topic. */
export const alertOf = ({ credential, version }: Leaked): OutgoingRecord => {
  const eventId = newId();
  const signal: Signal = {
    eventId,
    kind: "exposure",
    disposition: "act",
    effect: "expose",
    locators: [{ scheme: "rekey", value: `${credential}#${version}` }],
    public: true,
    severity: "high",
    confidence: "valid",
    occurredAt: Date.now(),
    confidentiality: "open",
    dedupeKey: eventId,
    reason: "is measured",
    source: { system: "bench", feed: "leaks", rawDigest: "0".repeat(64) },
  };
  const event = signalEvent(signal, { source: "https://bench.example/scanner" });
  return { topic: producerTopic(producer), key: recordKeyOf(event), ...encodeCloudEvent(event) };
};

export interface Publisher {
  publish(records: readonly OutgoingRecord[]): Promise<void>;
  close(): Promise<void>;
}

export const openPublisher = (brokers: readonly string[]): Publisher => {
  const topics = openKafkaTopics({
    brokers,
    clientId: "bench-scanner",
    topics: [producerTopic(producer)],
    clock: systemClock,
    log: silentLog,
  });
  return {
    publish: async (records) => await topics.sink.append(records),
    close: async () => await topics.close(),
  };
};
