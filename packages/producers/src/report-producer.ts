import { parseJsonStrict, scanBytesMax } from "@rekey/contracts";
import { keyedDigest } from "./keyed-digest.ts";
import { refuseBody, type Normalised, type Producer } from "./producer.ts";
import type { ReportContext } from "./scanned.ts";

const options = { bytesMax: scanBytesMax, characters: "any", largeIntegers: "text" } as const;

/** The format of a scanner's report, which is one JSON document; `read` gets the document, whatever shape it has. */
export const reportProducer = (
  format: string,
  read: (report: unknown, context: ReportContext) => Normalised,
): Producer => ({
  format,
  bodyBytesMax: scanBytesMax,
  normalise(body, context) {
    const parsed = parseJsonStrict(body, options);
    if (parsed.problems !== undefined) return refuseBody(parsed.problems);
    return read(parsed.value, { ...context, rawDigest: keyedDigest(body, context.fingerprint) });
  },
});
