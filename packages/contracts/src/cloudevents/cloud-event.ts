import type { Problem } from "@rekey/domain";
import type { JsonValue } from "../json/strict-json.ts";
import { parseRfc3339, timeShape } from "../time.ts";

/** CloudEvents 1.0.2. The version attribute is implied: nothing else is read or written. */
export const specVersion = "1.0";

/** Largest event, payload and attributes together. */
export const eventBytesMax = 1024 * 1024;

export type ExtensionValue = string | number | boolean;

/** One event. `data` is JSON content, `dataBytes` any other; at most one of them. */
export interface CloudEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  /** RFC 3339, kept as it was written. */
  readonly time?: string;
  readonly datacontenttype?: string;
  readonly dataschema?: string;
  /** `partitionkey` (the record's key), `traceparent`, `sequence` and others. */
  readonly extensions: Readonly<Record<string, ExtensionValue>>;
  readonly data?: JsonValue;
  readonly dataBytes?: Uint8Array;
}

/** A record on a topic or the body of a request. Header values arrive as bytes from Kafka. */
export interface EventRecord {
  readonly headers: Readonly<Record<string, string | Uint8Array>>;
  readonly value: Uint8Array;
}

export const attributeNames = [
  "id",
  "source",
  "type",
  "subject",
  "time",
  "datacontenttype",
  "dataschema",
] as const;
export type AttributeName = (typeof attributeNames)[number];

const coreNames: ReadonlySet<string> = new Set(attributeNames);
/** Of the specification; every other name is an extension's. */
export const isCoreName = (name: string): name is AttributeName => coreNames.has(name);

/** Content that is parsed as JSON: `application/json`, `text/json` and anything with the suffix `+json`. */
export const isJsonContent = (contentType: string): boolean =>
  /^[^;]*[/+]json\s*(;|$)/i.test(contentType);

/** What the specification says about one attribute; undefined when all of it holds. */
export const attributeProblem = (name: string, value: unknown): Problem | undefined => {
  const reason = reasonAgainst(name, value);
  return reason === undefined ? undefined : { path: placeOf(name), reason };
};

// Another extension's name may be a secret that was written as a key.
const extensionNames = ["partitionkey", "traceparent", "tracestate", "sequence"];
const placeOf = (name: string): string =>
  isCoreName(name) || extensionNames.includes(name) ? name : "[unknown key]";

export const missingAttributes = (
  attributes: Readonly<Record<string, unknown>>,
): readonly Problem[] =>
  (["id", "source", "type"] as const)
    .filter((name) => attributes[name] === undefined)
    .map((name) => ({ path: name, reason: "is missing" }));

const attributeLengthMax = 1024;
const uriReference = /^[^\s<>"{}|\\^`]+$/;
const absoluteUri = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]*$/;
const mediaType = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+\s*(;.*)?$/;

interface Rule {
  readonly holds: (text: string) => boolean;
  readonly reason: string;
}

// No object: an extension may be called `constructor`, which every object has.
const rules: ReadonlyMap<string, Rule> = new Map([
  ["source", { holds: (text) => uriReference.test(text), reason: "must be a URI reference" }],
  ["dataschema", { holds: (text) => absoluteUri.test(text), reason: "must be an absolute URI" }],
  ["time", { holds: (text) => parseRfc3339(text) !== undefined, reason: timeShape }],
  ["datacontenttype", { holds: (text) => mediaType.test(text), reason: "must be a media type" }],
]);

function reasonAgainst(name: string, value: unknown): string | undefined {
  const isExtension = !isCoreName(name);
  if (isExtension && !/^[a-z0-9]{1,64}$/.test(name))
    return "is not a name of lower-case letters and digits";
  if (isExtension && typeof value === "boolean") return undefined;
  if (isExtension && typeof value === "number") return integerReason(value);
  return typeof value === "string" ? textReason(name, value) : "must be a string";
}

function integerReason(value: number): string | undefined {
  const fits = Number.isInteger(value) && Math.abs(value + 0.5) < 2 ** 31;
  return fits ? undefined : "must be an integer of 32 bits";
}

function textReason(name: string, text: string): string | undefined {
  if (text.length === 0) return "must not be empty";
  if (text.length > attributeLengthMax) return `is longer than ${attributeLengthMax} characters`;
  if (/\p{Cc}/u.test(text) || !text.isWellFormed()) return "has a control character";
  const rule = rules.get(name);
  return rule === undefined || rule.holds(text) ? undefined : rule.reason;
}
