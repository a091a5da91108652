import { readdirSync, readFileSync } from "node:fs";
import type { Signal } from "@rekey/domain";
import { expect, expectTypeOf, test } from "vitest";
import type { z } from "zod";
import { decodeCloudEvent } from "../cloudevents/decode.ts";
import { encodeCloudEvent, recordKeyOf, structuredContentType } from "../cloudevents/encode.ts";
import { exactSchemes } from "./locators.ts";
import { canonicalDigest, decodeSignal, signalEvent, signalJsonSchema } from "./signal-event.ts";
import { signalTypes, type SignalType, type signalContentSchemas } from "./signal-types.ts";

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
  type Output = z.output<(typeof signalContentSchemas)[SignalType]>;
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

test.each(signalTypes)("an unknown key in %s is refused with its place, never its text", (type) => {
  const document = fixtureOf(type);
  const data = { ...document.data, hunter2: "value" };
  const position = Object.keys(data).length;
  expect(reasonsOf({ ...document, data })).toEqual([
    `data.[unknown key ${position}]: is not a known key`,
  ]);
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

test.each([
  ["https://user:pass@git.example/a/b?token=x#frag", "https://git.example/a/b"],
  ["https://hooks.example/services/T0/aB3xK9mQ2rT7vW1zY5cD", "https://hooks.example/"],
  ["https://paste.example/%61B3xK9mQ2rT7vW1zY5cD/raw", "https://paste.example/"],
  ["https://paste.example/100%/raw", "https://paste.example/"],
])("an evidence address loses whatever could be a capability: %s", (evidenceUrl, kept) => {
  const document = fixtureOf("rekey.exposure.reported.v1");
  const signal = signalOf({ ...document, data: { ...document.data, evidenceUrl } });
  expect(signal.evidenceUrl).toBe(kept);
});

const shaped: readonly (readonly [string, string])[] = [
  ["aws-access-key-id", "AKIAIOSFODNN7EXAMPLE"],
  ["gcp-sa-key", "0123456789abcdef0123456789abcdef01234567"],
  ["entra-key-id", "0197a3c2-6f1e-7a52-9c1d-3a5f6b7c8d9e"],
  ["github-alert", "github.example/acme/shop#12"],
  ["jwt-jti", "01ARZ3NDEKTSV4RRFFQ69G5FAV"],
  ["x509", `sha256:${"ab".repeat(32)}`],
  ["ssh", "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"],
  ["vault", "vault.example:8200/kv/payments/database#3"],
  ["store-ref", "documents:payments/production#3"],
];

test("every scheme of a locator has an example of its shape", () => {
  expect(shaped.map(([scheme]) => scheme)).toEqual([...exactSchemes]);
});

test.each(shaped)(
  "a locator %s takes its shape alone, and repeats nothing else",
  (scheme, value) => {
    const document = fixtureOf("rekey.exposure.reported.v1");
    const withLocator = (locator: unknown) => ({
      ...document,
      data: { ...document.data, locators: [locator] },
    });
    expect(reasonsOf(withLocator({ scheme, value }))).toEqual([]);
    for (const raw of ["hunter2", "hunter2 hunter2", "p@ss/word!", "postgres://u:hunter2@db/x"]) {
      const [reason = "", ...others] = reasonsOf(withLocator({ scheme, value: raw }));
      expect([others, reason]).toEqual([[], expect.stringContaining("must be")]);
      expect(reason).not.toContain(raw);
    }
  },
);

test.each([
  "hunter2 hunter2",
  "https://u:p?x@host",
  "a".repeat(30),
  "ghp_16C7e42F292c6912E7710c83",
])("an authority is a name or an address, never %s", (authority) => {
  const document = fixtureOf("rekey.exposure.reported.v1");
  const locator = { scheme: "entra-key-id", value: "0197a3c2-6f1e-7a52-9c1d-3a5f6b7c8d9e" };
  const read = (authority: string) =>
    reasonsOf({ ...document, data: { ...document.data, locators: [{ ...locator, authority }] } });
  expect(read("login.example/acme")).toEqual([]);
  expect(read(authority)).toHaveLength(1);
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
