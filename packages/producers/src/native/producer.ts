import {
  decodeCloudEvent,
  decodeSignal,
  eventBytesMax,
  sha256Hex,
  structuredContentType,
} from "@rekey/contracts";
import type { Fingerprinter, Signal } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { keyedDigest, unnamed } from "../keyed-digest.ts";
import { refuseBody, type Producer, type ProducerContext } from "../producer.ts";
import { createReadBefore, type ReadBefore } from "./read-before.ts";

/** Rekey's own events (`rekey.exposure.reported.v1` and the others), one per record, in either CloudEvents mode. */
export const nativeProducer: Producer = {
  format: "native",
  bodyBytesMax: eventBytesMax,
  normalise(body, context) {
    const { source, headers = structured, fingerprint } = context;
    const before = readBefore(fingerprint);
    const key = keyOf(body, context);
    const known = key === undefined ? undefined : before.get(key);
    if (known !== undefined) return { signals: [known], refused: [], isRemembered: true };
    const rawDigest = keyedDigest(body, fingerprint);
    const event = decodeCloudEvent({ headers, value: body });
    if (event.problems !== undefined) return refuseBody(event.problems);
    const signal = decodeSignal(event.value, { source, rawDigest });
    if (signal.problems !== undefined) return refuseBody(signal.problems);
    // What no key could name is not remembered: it would be taken for the same under every other key.
    if (key !== undefined && rawDigest !== unnamed) before.put(key, signal.value);
    return { signals: [signal.value], refused: [] };
  },
};

/** Of the body and its headers together. What is larger is read again each time. */
const keptBytesMax = 8_192;

const memories = new WeakMap<Fingerprinter, ReadBefore<Signal>>();

/**
 * An event that is delivered again is not read again: of the same bytes and headers, named under the same key, it is
 * the same signal.
 */
const readBefore = (fingerprint: Fingerprinter): ReadBefore<Signal> => {
  const known = memories.get(fingerprint) ?? createReadBefore<Signal>();
  memories.set(fingerprint, known);
  return known;
};

/**
 * Undefined for what is not remembered. The body is named by a digest without a key, which never leaves this process,
 * and stands in it beside the key. Headers of others may carry a secret of their sender: with them it is keyed.
 */
const keyOf = (
  body: Uint8Array,
  { source, headers = structured, fingerprint }: ProducerContext,
): string | undefined => {
  const fields = Object.entries(headers);
  const headerBytes = fields.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (body.byteLength + headerBytes > keptBytesMax) return undefined;
  const { system, tenant, feed } = source;
  const read = [sha256Hex(body), system, tenant ?? null, feed, fields.length];
  if (fields.every(isStructured)) return JSON.stringify(read);
  const written = fields.map(([name, value]) =>
    typeof value === "string" ? [name, value] : [name, Buffer.from(value).toString("base64"), 0],
  );
  using secret = Secret.fromUtf8(JSON.stringify([...read, written]));
  return fingerprint(secret)[0]?.value;
};

const structured = { "content-type": structuredContentType };
const structuredBytes = Buffer.from(structuredContentType);

/** What our own events have, as text or as Kafka brings it. */
const isStructured = ([name, value]: readonly [string, string | Uint8Array]): boolean =>
  name === "content-type" &&
  (typeof value === "string" ? value === structuredContentType : structuredBytes.equals(value));
