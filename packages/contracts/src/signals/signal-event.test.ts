import { readdirSync, readFileSync } from "node:fs";
import type { Signal } from "@rekey/domain";
import { expect, expectTypeOf, test } from "vitest";
import type { z } from "zod";
import { decodeCloudEvent } from "../cloudevents/decode.ts";
import { encodeCloudEvent, recordKeyOf, structuredContentType } from "../cloudevents/encode.ts";
import { canonicalDigest, decodeSignal, signalEvent, signalJsonSchema } from "./signal-event.ts";
import { signalTypes, type SignalType, type signalDataSchemas } from "./signal-types.ts";

const fixtures = new URL("fixtures/", import.meta.url);
const receipt = {
  source: { system: "scanner.example", feed: "scanner" },
  rawDigest: "ab".repeat(32),
};

interface EventDocument {
  [attribute: string]: unknown;
  data: Record<string, unknown>;
}

const fixtureOf = (type: SignalType): EventDocument =>
  JSON.parse(readFileSync(new URL(`${type}.json`, fixtures), "utf8")) as EventDocument;

function read(document: EventDocument) {
  const headers = { "content-type": structuredContentType };
  const value = new TextEncoder().encode(JSON.stringify(document));
  const event = decodeCloudEvent({ headers, value });
  return event.problems === undefined ? decodeSignal(event.value, receipt) : event;
}

function signalOf(document: EventDocument): Signal {
  const decoded = read(document);
  expect(decoded.problems).toBeUndefined();
  return decoded.value as Signal;
}

const reasonsOf = (document: EventDocument): string[] =>
  (read(document).problems ?? []).map(({ path, reason }) => `${path}: ${reason}`);

test("every type of signal has exactly one fixture", () => {
  expect(readdirSync(fixtures).toSorted()).toEqual(
    signalTypes.map((type) => `${type}.json`).toSorted(),
  );
});

test("what a schema gives is a part of the domain's signal", () => {
  type Output = z.output<(typeof signalDataSchemas)[SignalType]>;
  expectTypeOf<Omit<Output, "source" | "dedupeKey">>().toExtend<
    Omit<Signal, "eventId" | "kind" | "source" | "dedupeKey">
  >();
});

test.each(signalTypes)("the fixture of %s becomes a signal and the same event again", (type) => {
  const document = fixtureOf(type);
  const signal = signalOf(document);
  const event = signalEvent(signal, { source: "/rekey/test" });
  const again = signalOf({ ...document, data: event.data as Record<string, unknown> });
  const below = `${receipt.source.feed}/${signal.source.feed}`;
  expect(again).toEqual({ ...signal, source: { ...signal.source, feed: below } });
  expect(recordKeyOf(event)).toBe(document["partitionkey"]);
  expect(decodeCloudEvent(encodeCloudEvent(event)).value).toEqual(event);
});

test.each(signalTypes)("an unknown key in %s is refused with its path", (type) => {
  const document = fixtureOf(type);
  const data = { ...document.data, secretValue: "hunter2" };
  expect(reasonsOf({ ...document, data })).toEqual(["data.secretValue: is not a known key"]);
});

test.each(signalTypes)("the JSON Schema of %s names the required time", (type) => {
  expect(signalJsonSchema(type)).toMatchObject({
    type: "object",
    required: expect.arrayContaining(["occurredAt"]) as unknown,
  });
});

test("every problem of an event is reported at once, without a value", () => {
  const document = fixtureOf("rekey.exposure.reported.v1");
  const locators = [
    { scheme: "plain", value: "hunter2" },
    { scheme: "hmac-sha256:p1", value: "hunter2" },
  ];
  const data = { ...document.data, locators, severity: "hunter2", occurredAt: 1_772_442_904 };
  const reasons = reasonsOf({ ...document, data });
  expect(reasons).toHaveLength(4);
  expect(reasons.join()).not.toContain("hunter2");
});

test("an exposure without a locator is only for resolving or for a person", () => {
  const document = fixtureOf("rekey.exposure.reported.v1");
  const without = { ...document.data, locators: [] };
  expect(reasonsOf({ ...document, data: without })).toHaveLength(1);
  expect(reasonsOf({ ...document, data: { ...without, disposition: "manual" } })).toEqual([]);
});

test("a deployment without environment is only for a person", () => {
  const document = fixtureOf("rekey.deployment.changed.v1");
  const { environment: _environment, ...without } = document.data;
  expect(reasonsOf({ ...document, data: without })).toHaveLength(1);
  expect(reasonsOf({ ...document, data: { ...without, disposition: "manual" } })).toEqual([]);
});

test("an unknown type is refused, however familiar it sounds", () => {
  const document = {
    ...fixtureOf("rekey.exposure.reported.v1"),
    type: "rekey.exposure.reported.v2",
  };
  expect(reasonsOf(document)).toHaveLength(1);
});

test("a producer cannot speak for another feed", () => {
  const document = fixtureOf("rekey.exposure.reported.v1");
  expect(signalOf(document).source.feed).toBe("scanner/commits");
  const { source: _source, ...unnamed } = document.data;
  expect(signalOf({ ...document, data: unnamed }).source).toEqual({
    ...receipt.source,
    rawDigest: receipt.rawDigest,
  });
});

test("an evidence address loses whatever could be a capability", () => {
  const document = fixtureOf("rekey.exposure.reported.v1");
  const evidenceUrl = "https://user:pass@git.example/a/b?token=x#frag";
  expect(signalOf({ ...document, data: { ...document.data, evidenceUrl } }).evidenceUrl).toBe(
    "https://git.example/a/b",
  );
});

test("an offboarding is restricted unless the producer opens it", () => {
  const document = fixtureOf("rekey.identity.offboarded.v1");
  expect(signalOf(document).confidentiality).toBe("restricted");
});

test("the digest is the same for other bytes of the same event, and another for other content", () => {
  const document = fixtureOf("rekey.exposure.reported.v1");
  const signal = signalOf(document);
  const turned = Object.fromEntries(Object.entries(document.data).toReversed());
  const other = { ...signalOf({ ...document, data: turned }) };
  const rebuilt = { ...other, source: { ...other.source, rawDigest: "cd".repeat(32) } };
  expect(canonicalDigest(rebuilt)).toBe(canonicalDigest(signal));
  expect(canonicalDigest({ ...signal, severity: "low" })).not.toBe(canonicalDigest(signal));
});
