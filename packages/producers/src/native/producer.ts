import {
  decodeCloudEvent,
  decodeSignal,
  eventBytesMax,
  structuredContentType,
} from "@rekey/contracts";
import type { Signal } from "@rekey/domain";
import { keyedDigest } from "../keyed-digest.ts";
import { refuseBody, type Producer, type ProducerContext } from "../producer.ts";
import { createReadBefore } from "./read-before.ts";

/** Rekey's own events (`rekey.exposure.reported.v1` and the others), one per record, in either CloudEvents mode. */
export const nativeProducer: Producer = {
  format: "native",
  bodyBytesMax: eventBytesMax,
  normalise(body, context) {
    const rawDigest = keyedDigest(body, context.fingerprint);
    const key = keyOf(rawDigest, context);
    const known = readBefore.get(key);
    if (known !== undefined) return { signals: [known], refused: [], isRemembered: true };
    const headers = context.headers ?? { "content-type": structuredContentType };
    const event = decodeCloudEvent({ headers, value: body });
    if (event.problems !== undefined) return refuseBody(event.problems);
    const signal = decodeSignal(event.value, { source: context.source, rawDigest });
    if (signal.problems !== undefined) return refuseBody(signal.problems);
    if (body.byteLength <= keptBytesMax) readBefore.put(key, signal.value);
    return { signals: [signal.value], refused: [] };
  },
};

const keptBytesMax = 8_192;

/** An event that is delivered again is not read again: of the same bytes and headers it is the same signal. */
const readBefore = createReadBefore<Signal>();

const keyOf = (rawDigest: string, { source, headers = {} }: ProducerContext): string => {
  const { system, tenant, feed } = source;
  const written = Object.entries(headers).map(([name, value]) =>
    typeof value === "string" ? [name, value] : [name, Buffer.from(value).toString("base64"), 0],
  );
  return JSON.stringify([rawDigest, system, tenant ?? null, feed, written]);
};
