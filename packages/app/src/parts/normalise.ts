import { canonicalDigest, producerOfTopic, topicNames } from "@rekey/contracts";
import {
  signalId,
  type Fingerprinter,
  type IncomingRecord,
  type NewId,
  type ReceivedSignal,
  type RejectedInput,
  type SignalKind,
  type Signal,
  type SignalAuthentication,
} from "@rekey/domain";
import type { Normalise } from "@rekey/engine";
import { isProducerFormat, keyedDigest, producerCatalog, type Producer } from "@rekey/producers";
import { producerKinds, type SharedConfig } from "../config/sections.ts";

interface NormaliseOptions {
  readonly producers: SharedConfig["producers"];
  readonly fingerprint: Fingerprinter;
  readonly newId: NewId;
  readonly now: () => number;
}

interface Reader {
  readonly producer: Producer;
  readonly name: string;
  readonly authentication: (signal: Signal) => SignalAuthentication;
  /** Undefined: every kind, as the API's commands are authorised one by one. */
  readonly kinds?: readonly SignalKind[];
}

/** One reader per topic: the topic alone says who wrote, and what that producer may cause. */
const readers = (options: NormaliseOptions): ReadonlyMap<string, Reader> => {
  const api: Reader = {
    producer: producerCatalog.native,
    name: apiProducer,
    authentication: ({ source }) => whoAsked(source.feed),
  };
  const configured = Object.entries(options.producers).map(
    ([name, { format, kinds, trusted }]): [string, Reader] => {
      const authentication = { producer: name, method: "topic-acl", trusted } as const;
      const producer = isProducerFormat(format) ? producerCatalog[format] : producerCatalog.native;
      return [
        `rekey.in.${name}`,
        {
          producer,
          kinds,
          name,
          authentication: () => authentication,
        },
      ];
    },
  );
  return new Map([[topicNames.api, api], ...configured]);
};

const apiProducer = "api";
const methods = { local: "local-socket", jwt: "jwt", mtls: "mtls" } as const;

/**
 * The gateway is the only writer of its topic and names the actor it authenticated as the feed. The owner of the
 * socket is the machine's operator; whoever asks over the network confirms nothing by that alone.
 */
const whoAsked = (feed: string): SignalAuthentication => {
  const [, prefix = ""] = /^[^/]*\/(local|jwt|mtls):/.exec(feed) ?? [];
  const method = Object.hasOwn(methods, prefix) ? methods[prefix as keyof typeof methods] : "none";
  return { producer: apiProducer, method, trusted: method === "local-socket" };
};

const coordinatesOf = (record: IncomingRecord): string =>
  `${record.topic}/${record.partition}/${record.offset}`;

/** Turns one record of a topic into signals, or into refusals with the reason a person can act on. */
export const createNormalise = (options: NormaliseOptions): Normalise => {
  const byTopic = readers(options);
  const digestOf = rememberedDigest();
  return (record) => {
    const reader = byTopic.get(record.topic);
    if (reader === undefined)
      return [
        quarantined(options, record, [
          { path: "", reason: "no producer is configured for this topic" },
        ]),
      ];
    const source = { system: producerOfTopic(record.topic) ?? record.topic, feed: record.topic };
    const { signals, refused, isRemembered } = reader.producer.normalise(record.value, {
      receivedAt: options.now(),
      source,
      fingerprint: options.fingerprint,
      headers: record.headers,
    });
    const forbidden = signals.filter(({ kind }) => !mayBeSaid(reader, kind));
    const received = signals
      .filter(({ kind }) => mayBeSaid(reader, kind))
      .map((signal): ReceivedSignal => ({
        id: signalId(options.newId()),
        signal,
        canonicalDigest: isRemembered ? digestOf(signal) : canonicalDigest(signal),
        authentication: reader.authentication(signal),
        coordinates: coordinatesOf(record),
      }));
    if (forbidden.length > 0)
      return [...received, notAllowed(options, record, { reader, forbidden, refused })];
    return refused.length === 0 ? received : [...received, quarantined(options, record, refused)];
  };
};

/** For signals that producers remember: an event that comes again and again is not written out each time. */
const rememberedDigest = (): ((signal: Signal) => string) => {
  const digests = new WeakMap<Signal, string>();
  return (signal) => {
    const known = digests.get(signal);
    if (known !== undefined) return known;
    const digest = canonicalDigest(signal);
    digests.set(signal, digest);
    return digest;
  };
};

const mayBeSaid = ({ kinds }: Reader, kind: SignalKind): boolean =>
  kinds === undefined || kinds.includes(kind);

interface Forbidden {
  readonly reader: Reader;
  readonly forbidden: readonly Signal[];
  readonly refused: RejectedInput["problems"];
}

/** The record was understood, and its topic may not say that: one input for all of it, with the way out. */
const notAllowed = (
  options: NormaliseOptions,
  record: IncomingRecord,
  { reader, forbidden, refused }: Forbidden,
): RejectedInput => {
  const { name: producer } = reader;
  const kinds = [...new Set(forbidden.map(({ kind }) => kind))];
  const problems = kinds.map((kind) => ({ path: "type", reason: wayOut(producer, kind) }));
  const input = quarantined(options, record, [...problems, ...refused]);
  return { ...input, outcome: "refused" };
};

const wayOut = (producer: string, kind: SignalKind): string =>
  producerKinds.some((known) => known === kind)
    ? `${producer} may not report this: add ${kind} to producers.${producer}.kinds`
    : "only the API asks for a rotation or an end (rekey credential rotate); producers.<name>.kinds cannot allow it";

const quarantined = (
  options: NormaliseOptions,
  record: IncomingRecord,
  problems: RejectedInput["problems"],
): RejectedInput => ({
  id: signalId(options.newId()),
  source: producerOfTopic(record.topic) ?? record.topic,
  coordinates: coordinatesOf(record),
  digest: keyedDigest(record.value, options.fingerprint),
  outcome: "quarantined",
  reason: problems[0]?.reason ?? "it cannot be understood",
  problems,
});
