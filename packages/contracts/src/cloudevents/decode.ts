import type { Problem } from "@rekey/domain";
import { decodeUtf8, parseJsonStrict, type JsonValue } from "../json/strict-json.ts";
import { problem, problemsMax, type Parsed } from "../parsed.ts";
import {
  attributeProblem,
  eventBytesMax,
  isCoreName,
  isJsonContent,
  missingAttributes,
  specVersion,
  type CloudEvent,
  type EventRecord,
  type ExtensionValue,
} from "./cloud-event.ts";

/** Reads an event in structured or binary mode; every problem at once, none of them quoting the payload. */
export const decodeCloudEvent = (record: EventRecord): Parsed<CloudEvent> => {
  const headers = textHeaders(record.headers);
  if (headers.problems !== undefined) return headers;
  const size = record.value.byteLength + headers.value.size;
  if (size > eventBytesMax) return problem("", `is larger than ${eventBytesMax} bytes`);
  const { contentType, attributes } = headers.value;
  const format = contentType.toLowerCase();
  if (format.startsWith("application/cloudevents-batch")) {
    return problem("content-type", "is a batch: send one event per record");
  }
  if (/^application\/cloudevents\+json\s*(;|$)/.test(format)) return decodeStructured(record.value);
  if (format.startsWith("application/cloudevents")) {
    return problem("content-type", "must be application/cloudevents+json");
  }
  if (attributes.size > 0) return decodeBinary(record.value, attributes, contentType);
  return problem("content-type", "is not application/cloudevents+json, and there is no ce_ header");
};

interface TextHeaders {
  readonly contentType: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly size: number;
}

const attributePrefix = "ce_";

function textHeaders(headers: EventRecord["headers"]): Parsed<TextHeaders> {
  const attributes = new Map<string, string>();
  let contentType = "";
  let size = 0;
  for (const [name, value] of Object.entries(headers)) {
    const text = typeof value === "string" ? value : decodeUtf8(value);
    if (text === undefined) return problem("headers", "are not valid UTF-8");
    size += name.length + text.length;
    if (name.toLowerCase() === "content-type") contentType = text.trim();
    if (name.startsWith(attributePrefix)) attributes.set(name.slice(attributePrefix.length), text);
  }
  return { value: { contentType, attributes, size } };
}

function decodeStructured(body: Uint8Array): Parsed<CloudEvent> {
  const parsed = parseJsonStrict(body, { bytesMax: eventBytesMax });
  if (parsed.problems !== undefined) return parsed;
  if (!isObject(parsed.value)) return problem("", "must be one JSON object");
  const { data, data_base64: base64 } = parsed.value;
  const attributes: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(parsed.value)) {
    // An absent attribute may be written as null.
    if (value !== null && name !== "data" && name !== "data_base64") attributes[name] = value;
  }
  const bytes = decodeBase64(base64);
  if (bytes === null) return problem("data_base64", "must be base64");
  if (bytes !== undefined && data !== undefined) {
    return problem("data_base64", "must not stand beside data");
  }
  return assemble(attributes, {
    ...(data !== undefined && { data }),
    ...(bytes && { dataBytes: bytes }),
  });
}

function decodeBinary(
  body: Uint8Array,
  attributes: ReadonlyMap<string, string>,
  contentType: string,
): Parsed<CloudEvent> {
  const named: Record<string, JsonValue> = Object.fromEntries(attributes);
  if (contentType !== "") named["datacontenttype"] = contentType;
  if (body.byteLength === 0) return assemble(named, {});
  if (!isJsonContent(contentType)) return assemble(named, { dataBytes: body });
  const parsed = parseJsonStrict(body, { bytesMax: eventBytesMax, root: "data" });
  return parsed.problems === undefined ? assemble(named, { data: parsed.value }) : parsed;
}

type Payload = Pick<CloudEvent, "data" | "dataBytes">;

function assemble(
  attributes: Readonly<Record<string, JsonValue>>,
  payload: Payload,
): Parsed<CloudEvent> {
  const core: Record<string, JsonValue> = {};
  const extensions: Record<string, JsonValue> = {};
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "specversion") continue;
    const found = attributeProblem(name, value);
    if (found !== undefined) problems.push(found);
    (isCoreName(name) ? core : extensions)[name] = value;
  }
  problems.unshift(...missingAttributes(core));
  if (attributes["specversion"] !== specVersion)
    problems.unshift({ path: "specversion", reason: `must be ${specVersion}` });
  if (problems.length > 0) return { problems: problems.slice(0, problemsMax) };
  return { value: { ...eventOf(core, extensions), ...payload } };
}

// The shapes were checked by `attributeProblem`.
const eventOf = (
  core: Readonly<Record<string, JsonValue>>,
  extensions: Readonly<Record<string, JsonValue>>,
): CloudEvent => ({
  ...(core as unknown as Omit<CloudEvent, "extensions">),
  extensions: extensions as Record<string, ExtensionValue>,
});

const isObject = (value: JsonValue): value is { readonly [key: string]: JsonValue } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Undefined when absent, null when it is not base64. */
function decodeBase64(value: JsonValue | undefined): Uint8Array | null | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") return null;
  const bytes = Buffer.from(value, "base64");
  return bytes.toString("base64") === value ? new Uint8Array(bytes) : null;
}
