import {
  decodeCloudEvent,
  decodeSignal,
  eventBytesMax,
  structuredContentType,
} from "@rekey/contracts";
import type { Signal } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { keyedDigest, unnamed } from "../keyed-digest.ts";
import { refuseBody, type Producer, type ProducerContext } from "../producer.ts";
import { createReadBefore } from "./read-before.ts";

/** Rekey's own events (`rekey.exposure.reported.v1` and the others), one per record, in either CloudEvents mode. */
export const nativeProducer: Producer = {
  format: "native",
  bodyBytesMax: eventBytesMax,
  normalise(body, context) {
    const rawDigest = keyedDigest(body, context.fingerprint);
    const key = keyOf({ body, rawDigest }, context);
    const known = key === undefined ? undefined : readBefore.get(key);
    if (known !== undefined) return { signals: [known], refused: [], isRemembered: true };
    const headers = context.headers ?? structured;
    const event = decodeCloudEvent({ headers, value: body });
    if (event.problems !== undefined) return refuseBody(event.problems);
    const signal = decodeSignal(event.value, { source: context.source, rawDigest });
    if (signal.problems !== undefined) return refuseBody(signal.problems);
    if (key !== undefined) readBefore.put(key, signal.value);
    return { signals: [signal.value], refused: [] };
  },
};

/** Of the body and its headers together. What is larger is read again each time. */
const keptBytesMax = 8_192;

/** An event that is delivered again is not read again: of the same bytes and headers it is the same signal. */
const readBefore = createReadBefore<Signal>();

interface Read {
  readonly body: Uint8Array;
  readonly rawDigest: string;
}

/**
 * Undefined for what is not remembered. Keyed, since headers may carry a secret of their sender; without a key
 * to name it by nothing is.
 */
const keyOf = (
  { body, rawDigest }: Read,
  { source, headers = structured, fingerprint }: ProducerContext,
): string | undefined => {
  const fields = Object.entries(headers);
  const headerBytes = fields.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (body.byteLength + headerBytes > keptBytesMax) return undefined;
  const { system, tenant, feed } = source;
  const from = [system, tenant ?? null, feed];
  // Nothing of such headers is anybody's, and the body has been named under the key.
  if (fields.every(isStructured) && rawDigest !== unnamed)
    return JSON.stringify([rawDigest, ...from, fields.length]);
  const written = fields.map(([name, value]) =>
    typeof value === "string" ? [name, value] : [name, Buffer.from(value).toString("base64"), 0],
  );
  using secret = Secret.fromUtf8(JSON.stringify([rawDigest, ...from, written]));
  return fingerprint(secret)[0]?.value;
};

const structured = { "content-type": structuredContentType };
const structuredBytes = Buffer.from(structuredContentType);

/** What our own events have, as text or as Kafka brings it. */
const isStructured = ([name, value]: readonly [string, string | Uint8Array]): boolean =>
  name === "content-type" &&
  (typeof value === "string" ? value === structuredContentType : structuredBytes.equals(value));
