import fc from "fast-check";
import { expect, test } from "vitest";
// The CloudEvents project's own JSON Schema of version 1.0.2, compiled by ajv in its SDK (Apache-2.0).
import conformsTo from "cloudevents/dist/schema/v1.js";
import type { CloudEvent, EventRecord } from "./cloud-event.ts";
import { eventBytesMax } from "./cloud-event.ts";
import { decodeCloudEvent } from "./decode.ts";
import { encodeCloudEvent, frameCloudEvent, recordKeyOf, structuredContentType } from "./encode.ts";

const encoder = new TextEncoder();
const minimal = { id: "1", source: "/s", type: "t", extensions: {} } satisfies CloudEvent;

test("an encoded event conforms to the official schema and decodes to itself", () => {
  fc.assert(
    fc.property(events(), (event) => {
      const encoded = encodeCloudEvent(event);
      const document: unknown = JSON.parse(new TextDecoder().decode(encoded.value));
      expect(conformsTo(document), JSON.stringify(document)).toBe(true);
      expect(decodeCloudEvent(encoded)).toEqual({ value: event });
    }),
  );
});

test("a frame around time and data is the encoded event, byte for byte", () => {
  fc.assert(
    fc.property(events(), ({ dataBytes: _bytes, ...event }) => {
      const whole = { ...event, time: "2026-03-02T12:00:00.000Z", data: event.data ?? null };
      const { beforeTime, beforeData } = frameCloudEvent(whole);
      const text = `${beforeTime}${whole.time}${beforeData}${JSON.stringify(whole.data)}}`;
      expect(text).toBe(new TextDecoder().decode(encodeCloudEvent(whole).value));
    }),
    { numRuns: 50 },
  );
});

test("the official schema does refuse what is no event", () => {
  expect(conformsTo({ specversion: "1.0", id: "1", source: "/s" })).toBe(false);
  expect(conformsTo({ specversion: "1.0", id: "", source: "/s", type: "t" })).toBe(false);
});

test("an event in binary mode decodes like the same event in structured mode", () => {
  fc.assert(
    fc.property(events(), fc.boolean(), (event, asBytes) => {
      expect(decodeCloudEvent(binaryRecord(event, asBytes))).toEqual({ value: asText(event) });
    }),
  );
});

test("the published Kafka examples of the CloudEvents project are read", () => {
  const attributes = {
    id: "1234-1234-1234",
    source: "/mycontext/subcontext",
    type: "com.example.someevent",
    time: "2018-04-05T03:56:24Z",
    datacontenttype: "application/json",
  };
  const data = { message: "Hello World!" };
  const structured = structuredRecord({ specversion: "1.0", ...attributes, data });
  const value = { ...attributes, extensions: {}, data };
  expect(decodeCloudEvent(structured)).toEqual({ value });
  expect(decodeCloudEvent(binaryRecord(value, true))).toEqual({ value });
});

test("the content type is compared without case", () => {
  const document = { specversion: "1.0", id: "1", source: "/s", type: "t" };
  for (const contentType of [
    "Application/CloudEvents+JSON",
    "application/cloudevents+json;charset=utf-8",
  ]) {
    const record = { ...structuredRecord(document), headers: { "Content-Type": contentType } };
    expect(decodeCloudEvent(record)).toEqual({ value: minimal });
  }
});

test("time may be absent and null stands for absent", () => {
  const record = structuredRecord({
    specversion: "1.0",
    id: "1",
    source: "/s",
    type: "t",
    time: null,
  });
  expect(decodeCloudEvent(record)).toEqual({ value: minimal });
});

const refusals: readonly (readonly [string, EventRecord, string])[] = [
  ["no attributes", structuredRecord({}), "specversion: must be 1.0"],
  ["another version", structuredRecord({ specversion: "0.3" }), "specversion: must be 1.0"],
  ["no id", structuredRecord({ specversion: "1.0", source: "/s", type: "t" }), "id: is missing"],
  [
    "an upper-case attribute",
    structured({ traceParent: "x" }),
    "[unknown key]: is not a name of lower-case letters and digits",
  ],
  [
    "a time outside sane years",
    structured({ time: "1999-12-31T23:59:59Z" }),
    "time: must be an RFC 3339 time between the years 2000 and 2100",
  ],
  [
    "a day that is none",
    structured({ time: "2026-02-30T00:00:00Z" }),
    "time: must be an RFC 3339 time between the years 2000 and 2100",
  ],
  [
    "a fraction in an extension",
    structured({ sequence: 1.5 }),
    "sequence: must be an integer of 32 bits",
  ],
  ["a secret as a key", structured({ hunter2: {} }), "[unknown key]: must be a string"],
  ["an object in an extension", structured({ sequence: {} }), "sequence: must be a string"],
  [
    "two payloads",
    structured({ data: 1, data_base64: "" }),
    "data_base64: must not stand beside data",
  ],
  ["broken base64", structured({ data_base64: "*" }), "data_base64: must be base64"],
  ["an array", structuredRecord([]), ": must be one JSON object"],
  [
    "a batch",
    {
      headers: { "content-type": "application/cloudevents-batch+json" },
      value: encoder.encode("[]"),
    },
    "content-type: is a batch: send one event per record",
  ],
  [
    "another event format",
    { headers: { "content-type": "application/cloudevents+avro" }, value: encoder.encode("x") },
    "content-type: must be application/cloudevents+json",
  ],
  [
    "no headers",
    { headers: {}, value: encoder.encode("{}") },
    "content-type: is not application/cloudevents+json, and there is no ce_ header",
  ],
  [
    "a header that is not UTF-8",
    { headers: { ce_id: Uint8Array.of(0xff) }, value: encoder.encode("") },
    "headers: are not valid UTF-8",
  ],
  [
    "a body that is too large",
    { headers: {}, value: new Uint8Array(eventBytesMax + 1) },
    `: is larger than ${eventBytesMax} bytes`,
  ],
  [
    "a duplicate key",
    rawRecord('{"specversion":"1.0","id":"1","id":"2"}'),
    "[key 3]: is a duplicate key",
  ],
];

test.each(refusals)("%s is refused with path and reason", (_name, record, expected) => {
  const problems = decodeCloudEvent(record).problems ?? [];
  expect(problems.map(({ path, reason }) => `${path}: ${reason}`)).toContain(expected);
});

test("any bytes and headers at all give an event or problems, never an exception", () => {
  const headers = fc.dictionary(
    fc.constantFrom("content-type", "ce_id", "ce_type", "ce_source", "ce_specversion", "other"),
    fc.oneof(fc.string(), fc.uint8Array(), fc.constant("application/cloudevents+json")),
  );
  fc.assert(
    fc.property(headers, fc.oneof(fc.uint8Array(), json()), (given, value) => {
      const decoded = decodeCloudEvent({ headers: given, value });
      expect(decoded.problems === undefined).toBe(decoded.value !== undefined);
    }),
  );
});

test("an extension may have any name of lower-case letters, also one that every object has", () => {
  const names = ["constructor", "hasownproperty", "prototype"];
  const extensions = Object.fromEntries(names.map((name) => [name, "x"]));
  const event = { specversion: "1.0", id: "1", source: "/s", type: "t", ...extensions };
  const headers = { "content-type": structuredContentType };
  const value = new TextEncoder().encode(JSON.stringify(event));
  expect(decodeCloudEvent({ headers, value }).value?.extensions).toEqual(extensions);
});

test("the record's key is the partition key", () => {
  expect(recordKeyOf({ ...minimal, extensions: { partitionkey: "payments-db" } })).toBe(
    "payments-db",
  );
  expect(() => recordKeyOf(minimal)).toThrow("an event without a partition key");
});

test("an event that breaks the specification is never written", () => {
  expect(() => encodeCloudEvent({ ...minimal, source: "with blank" })).toThrow(
    "invalid attributes",
  );
  const data = "x".repeat(eventBytesMax);
  expect(() => encodeCloudEvent({ ...minimal, data })).toThrow("larger than one record");
});

function json(): fc.Arbitrary<Uint8Array> {
  return fc.json().map((text) => encoder.encode(text));
}

function structured(attributes: object): EventRecord {
  return structuredRecord({ specversion: "1.0", id: "1", source: "/s", type: "t", ...attributes });
}

function structuredRecord(document: unknown): EventRecord {
  return rawRecord(JSON.stringify(document));
}

function rawRecord(text: string): EventRecord {
  const headers = { "content-type": encoder.encode("application/cloudevents+json") };
  return { headers, value: encoder.encode(text) };
}

function binaryRecord(event: CloudEvent, asBytes: boolean): EventRecord {
  const { datacontenttype, extensions, data, dataBytes, ...attributes } = event;
  const named = Object.entries({ specversion: "1.0", ...attributes, ...extensions });
  const headers = Object.fromEntries(named.map(([name, value]) => [`ce_${name}`, String(value)]));
  if (datacontenttype !== undefined) headers["content-type"] = datacontenttype;
  const value = dataBytes ?? encoder.encode(data === undefined ? "" : JSON.stringify(data));
  if (!asBytes) return { headers, value };
  const bytes = Object.entries(headers).map(
    ([name, text]) => [name, encoder.encode(text)] as const,
  );
  return { headers: Object.fromEntries(bytes), value };
}

// Binary mode knows only text, and no difference between an empty payload and none.
function asText(event: CloudEvent): CloudEvent {
  const { dataBytes, ...rest } = event;
  const texts = Object.entries(event.extensions).map(([name, value]) => [name, String(value)]);
  const extensions = Object.fromEntries(texts) as CloudEvent["extensions"];
  const kept = dataBytes === undefined || dataBytes.byteLength === 0 ? {} : { dataBytes };
  return { ...rest, extensions, ...kept };
}

function events(): fc.Arbitrary<CloudEvent> {
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 });
  const jsonValue = fc
    .jsonValue({ stringUnit: "grapheme" })
    .filter((value) => !/\\u0000|__proto__|e\+|\d{16}|-0/.test(JSON.stringify(value)))
    .map((value) => JSON.parse(JSON.stringify(value)) as never);
  const payload = fc.oneof(
    fc.record({
      datacontenttype: fc.constantFrom("application/json", "application/x+json"),
      data: jsonValue,
    }),
    fc.record({ datacontenttype: fc.constant("text/plain"), dataBytes: fc.uint8Array() }),
    fc.constant({}),
  );
  const core = fc.record(
    {
      id: text.filter((value) => !/\p{Cc}/u.test(value)),
      source: fc
        .webPath()
        .map((path) => `/x${path}`)
        .filter((path) => !/[<>"{}|\\^`\s]/.test(path)),
      type: fc.constantFrom("rekey.exposure.reported.v1", "com.example.other"),
      subject: fc.constantFrom("payments-db", "größe"),
      time: fc.constantFrom("2026-03-02T09:15:04.120Z", "2026-03-02T09:15:04+02:00"),
      dataschema: fc.constantFrom("https://schemas.example/v1", "urn:x:y"),
      extensions: extensions(),
    },
    { requiredKeys: ["id", "source", "type", "extensions"] },
  );
  return fc.tuple(core, payload).map(([attributes, content]) => ({ ...attributes, ...content }));
}

function extensions(): fc.Arbitrary<CloudEvent["extensions"]> {
  return fc.record(
    {
      partitionkey: fc.constantFrom("payments-db", "ledger-api"),
      traceparent: fc.constant("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
      sequence: fc.oneof(fc.integer(), fc.constant("17")),
      sampled: fc.boolean(),
    },
    { requiredKeys: [] },
  );
}
