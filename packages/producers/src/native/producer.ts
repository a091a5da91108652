import {
  decodeCloudEvent,
  decodeSignal,
  eventBytesMax,
  structuredContentType,
} from "@rekey/contracts";
import { keyedDigest } from "../keyed-digest.ts";
import { refuseBody, type Producer } from "../producer.ts";

/** Rekey's own events (`rekey.exposure.reported.v1` and the others), one per record, in either CloudEvents mode. */
export const nativeProducer: Producer = {
  format: "native",
  bodyBytesMax: eventBytesMax,
  normalise(body, context) {
    const headers = context.headers ?? { "content-type": structuredContentType };
    const event = decodeCloudEvent({ headers, value: body });
    if (event.problems !== undefined) return refuseBody(event.problems);
    const receipt = { source: context.source, rawDigest: keyedDigest(body, context.fingerprint) };
    const signal = decodeSignal(event.value, receipt);
    if (signal.problems !== undefined) return refuseBody(signal.problems);
    return { signals: [signal.value], refused: [] };
  },
};
