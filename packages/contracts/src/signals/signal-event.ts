import {
  assert,
  rekeyLocatorScheme,
  toRfc3339,
  type Signal,
  type SignalSource,
} from "@rekey/domain";
import { z } from "zod";
import type { CloudEvent } from "../cloudevents/cloud-event.ts";
import { canonicalJson, sha256Hex } from "../json/canonical-json.ts";
import type { JsonValue } from "../json/strict-json.ts";
import { parseWith, problem, type Parsed } from "../parsed.ts";
import {
  isSignalType,
  kindOfType,
  signalContentSchemas,
  signalTypes,
  type SignalType,
} from "./signal-types.ts";

/** What only the receiver knows: the producer it authenticated, and the digest of the bytes it verified. */
export interface SignalReceipt {
  readonly source: Pick<SignalSource, "system" | "tenant" | "feed">;
  readonly rawDigest: string;
}

/**
 * The canonical signal in an event, or why it is none. The event may name its own system and tenant; its feed
 * is put below the receiver's (`api/secretlint`), so no producer can speak for another.
 */
export const decodeSignal = (event: CloudEvent, receipt: SignalReceipt): Parsed<Signal> => {
  if (!isSignalType(event.type)) {
    return problem("type", `must be one of ${signalTypes.join(", ")}`);
  }
  if (event.data === undefined)
    return problem("data", "is missing, or its content type is not JSON");
  const parsed = parseWith<z.ZodType<SignalDataOutput>>(
    signalContentSchemas[event.type],
    event.data,
    "data",
  );
  if (parsed.problems !== undefined) return parsed;
  const { dedupeKey = event.id, source, ...data } = parsed.value;
  return {
    value: {
      ...data,
      eventId: event.id,
      kind: kindOfType[event.type],
      dedupeKey,
      source: boundSource(source, receipt),
    },
  };
};

/** The event that carries a signal. Its key is the credential's or the subject's id. */
export const signalEvent = (signal: Signal, options: SignalEventOptions): CloudEvent => {
  const type = signalTypes.find((name) => kindOfType[name] === signal.kind);
  assert(type !== undefined, "a signal of a kind that no event type carries");
  const { eventId, kind: _kind, ...data } = signal;
  return {
    id: eventId,
    source: options.source,
    type,
    time: toRfc3339(signal.occurredAt),
    datacontenttype: "application/json",
    extensions: {
      partitionkey: signalKey(signal),
      ...(options.traceparent !== undefined && { traceparent: options.traceparent }),
    },
    data: encodeData(type, data),
  };
};

export interface SignalEventOptions {
  /** The CloudEvents source: a URI reference that names the publisher. */
  readonly source: string;
  readonly traceparent?: string;
}

/** What a signal is about: the subject's first id where a subject changed, else the credential, else the best locator. */
export const signalKey = (signal: Signal): string => {
  const subject = signal.subject?.ids[0]?.value;
  const aboutSubject = signal.kind === "offboarding" || signal.kind === "lifecycle";
  const own = signal.locators.find((locator) => locator.scheme === rekeyLocatorScheme);
  const credential = own?.value.split("#", 1)[0] ?? signal.locators[0]?.value;
  return (aboutSubject ? subject : undefined) ?? credential ?? subject ?? signal.eventId;
};

/**
 * SHA-256 of what a signal says, in canonical JSON. The digest of the raw bytes is left out: the same event
 * with other blanks or another order of keys is the same event.
 */
export const canonicalDigest = (signal: Signal): string => {
  const { rawDigest: _rawDigest, ...source } = signal.source;
  return sha256Hex(canonicalJson({ ...signal, source }));
};

/** JSON Schema of a type's data, as producers write it. */
export const signalJsonSchema = (type: SignalType): Record<string, unknown> =>
  z.toJSONSchema(signalContentSchemas[type], { io: "input" });

type SignalDataOutput = Omit<Signal, "eventId" | "kind" | "dedupeKey" | "source"> & {
  readonly dedupeKey?: string;
  readonly source?: Omit<SignalSource, "rawDigest"> & { readonly rawDigest?: string };
};

function boundSource(
  claimed: SignalDataOutput["source"],
  { source, rawDigest }: SignalReceipt,
): SignalSource {
  if (claimed === undefined) return { ...source, rawDigest };
  return { rawDigest, ...claimed, feed: `${source.feed}/${claimed.feed}` };
}

function encodeData(type: SignalType, data: unknown): JsonValue {
  const encoded = z.safeEncode(signalContentSchemas[type] as z.ZodType, data);
  assert(encoded.success, "a signal that its own type refuses");
  return encoded.data as JsonValue;
}
