import { createHash } from "node:crypto";
import { canonicalDigest, producerOfTopic, topicNames } from "@rekey/contracts";
import {
  signalId,
  type Fingerprinter,
  type IncomingRecord,
  type NewId,
  type ReceivedSignal,
  type RejectedInput,
  type SignalAuthentication,
} from "@rekey/domain";
import type { Normalise } from "@rekey/engine";
import { producerCatalog, isProducerFormat, type Producer } from "@rekey/producers";
import type { RekeyConfig } from "./config.ts";

interface NormaliseOptions {
  readonly producers: RekeyConfig["producers"];
  readonly fingerprint: Fingerprinter;
  readonly newId: NewId;
  readonly now: () => number;
}

interface Reader {
  readonly producer: Producer;
  readonly authentication: SignalAuthentication;
}

/** One reader per topic: the topic alone says who wrote, and what that producer may cause. */
const readers = (options: NormaliseOptions): ReadonlyMap<string, Reader> => {
  const api: Reader = {
    producer: producerCatalog.native,
    authentication: { producer: "api", method: "local-socket", trusted: true },
  };
  const configured = Object.entries(options.producers).map(
    ([name, { format, trusted }]): [string, Reader] => {
      const producer = isProducerFormat(format) ? producerCatalog[format] : producerCatalog.native;
      return [
        `rekey.in.${name}`,
        { producer, authentication: { producer: name, method: "topic-acl", trusted } },
      ];
    },
  );
  return new Map([[topicNames.api, api], ...configured]);
};

const coordinatesOf = (record: IncomingRecord): string =>
  `${record.topic}/${record.partition}/${record.offset}`;

const digestOf = (value: Uint8Array): string => createHash("sha256").update(value).digest("hex");

/** Turns one record of a topic into signals, or into refusals with the reason a person can act on. */
export const createNormalise = (options: NormaliseOptions): Normalise => {
  const byTopic = readers(options);
  return (record) => {
    const reader = byTopic.get(record.topic);
    if (reader === undefined)
      return [
        rejected(options, record, [
          { path: "", reason: "no producer is configured for this topic" },
        ]),
      ];
    const source = { system: producerOfTopic(record.topic) ?? record.topic, feed: record.topic };
    const { signals, refused } = reader.producer.normalise(record.value, {
      receivedAt: options.now(),
      source,
      fingerprint: options.fingerprint,
      headers: record.headers,
    });
    const received = signals.map((signal): ReceivedSignal => ({
      id: signalId(options.newId()),
      signal,
      canonicalDigest: canonicalDigest(signal),
      authentication: reader.authentication,
      coordinates: coordinatesOf(record),
    }));
    return refused.length === 0 ? received : [...received, rejected(options, record, refused)];
  };
};

const rejected = (
  options: NormaliseOptions,
  record: IncomingRecord,
  problems: RejectedInput["problems"],
): RejectedInput => ({
  id: signalId(options.newId()),
  source: producerOfTopic(record.topic) ?? record.topic,
  coordinates: coordinatesOf(record),
  digest: digestOf(record.value),
  outcome: "quarantined",
  reason: problems[0]?.reason ?? "it cannot be understood",
  problems,
});
