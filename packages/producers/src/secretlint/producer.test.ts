import { readFileSync } from "node:fs";
import { canonicalDigest, decodeCloudEvent, encodeCloudEvent, signalEvent } from "@rekey/contracts";
import type { Fingerprint, Signal } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { lintSource } from "@secretlint/core";
import { creator } from "@secretlint/secretlint-rule-preset-recommend";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ProducerContext } from "../producer.ts";
import { secretlintProducer } from "./producer.ts";

const pepper = { id: "p1", key: Secret.fromUtf8("pepper of the tests") };
const fingerprintOf = (text: string): Fingerprint => Secret.fromUtf8(text).fingerprint(pepper);

const context: ProducerContext = {
  receivedAt: Date.parse("2026-03-02T09:15:05.000Z"),
  source: { system: "secretlint", tenant: "payments", feed: "api" },
  fingerprint: (secret) => [(secret as Secret).fingerprint(pepper)],
};

const encode = (report: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(report));
const normalise = (report: unknown) => secretlintProducer.normalise(encode(report), context);

/** What secretlint 12.3.1 printed for three planted connection strings; only the folder was renamed. */
const report = readFileSync(new URL("fixtures/report.masked.json", import.meta.url));
const first = {
  whole: "postgresql://payments_v3:c4n4ry-Vq7w%2FTz2@db.example.internal:5432/payments",
  password: "c4n4ry-Vq7w/Tz2",
};
const planted = [first.whole, first.password, "c4n4ry-mysql-9xKq", "c4n4ry-reader-77Lp"];

test("each finding of a real report is one exposure with the value's and the password's fingerprint", () => {
  const { signals, refused } = secretlintProducer.normalise(report, context);
  expect(refused).toEqual([]);
  expect(signals).toHaveLength(3);
  const [signal] = signals;
  expect(signal).toMatchObject({ kind: "exposure", disposition: "act", severity: "high" });
  expect(signal?.locators[0]).toEqual(fingerprintOf(first.whole));
  expect(signal?.locators).toContainEqual(fingerprintOf(first.password));
  expect(signal?.reason).toBe(
    "secretlint found a secret (PostgreSQLConnection) in /builds/payments/app/config.ts, line 2",
  );
  for (const password of planted.slice(2)) {
    const found = signals.filter(({ locators }) =>
      locators.some(({ value }) => value === fingerprintOf(password).value),
    );
    expect(found).toHaveLength(1);
  }
});

test("the quote behind a connection string is not part of the value, the text as found is looked up too", () => {
  const [signal] = normalise([resultOf("a", `${first.whole}";`)]).signals;
  const expected = [first.whole, `${first.whole}";`, first.password, "c4n4ry-Vq7w%2FTz2"];
  expect(signal?.locators).toEqual(expected.map(fingerprintOf));
});

test("no spelling of a planted value is in what comes of a real report", () => {
  const text = JSON.stringify(secretlintProducer.normalise(report, context));
  expect(planted.flatMap(spellings).filter((spelling) => text.includes(spelling))).toEqual([]);
});

test("the scanner itself, run here with masking, leads to the planted password", async () => {
  const content = `export const url = "${first.whole}";\n`;
  const source = { filePath: "/src/config.ts", ext: ".ts", contentType: "text" as const, content };
  const rules = [{ id: "@secretlint/secretlint-rule-preset-recommend", rule: creator }];
  const result = await lintSource({ source, options: { config: { rules }, maskSecrets: true } });
  expect(JSON.stringify(result.messages)).not.toContain(first.password);
  const { signals } = normalise([result]);
  expect(signals[0]?.locators).toContainEqual(fingerprintOf(first.password));
});

test("every signal passes the canonical boundary", () => {
  for (const signal of secretlintProducer.normalise(report, context).signals) {
    const event = signalEvent(signal, { source: "/rekey/api" });
    expect(decodeCloudEvent(encodeCloudEvent(event)).value).toEqual(event);
    expect(canonicalDigest(signal)).toMatch(/^[0-9a-f]{64}$/);
  }
});

test("nothing that is kept of a small report lets its value be guessed without the pepper", () => {
  const guess = [resultOf("/src/hunter2.env", "hunter2")];
  const [signal] = normalise(guess).signals as [Signal];
  const rotated = { id: "p2", key: Secret.fromUtf8("another pepper") };
  const other = {
    ...context,
    fingerprint: (value: unknown) => [(value as Secret).fingerprint(rotated)],
  };
  const [again] = secretlintProducer.normalise(encode(guess), other).signals as [Signal];
  expect(signal.source.rawDigest).toMatch(/^[0-9a-f]{64}$/);
  expect(again.source.rawDigest).not.toBe(signal.source.rawDigest);
  expect(again.dedupeKey).not.toBe(signal.dedupeKey);
});

test("the same finding has the same dedupe key whenever it is read; another place or value another", () => {
  const key = (name: string, value: string): string | undefined =>
    normalise([resultOf(name, value)]).signals[0]?.dedupeKey;
  const later = { ...context, receivedAt: context.receivedAt + 1 };
  const [again] = secretlintProducer.normalise(encode([resultOf("a", "value-1")]), later).signals;
  expect(again?.dedupeKey).toBe(key("a", "value-1"));
  expect(again?.eventId).not.toBe(normalise([resultOf("a", "value-1")]).signals[0]?.eventId);
  expect(new Set([key("a", "value-1"), key("b", "value-1"), key("a", "value-2")]).size).toBe(3);
});

test("no signal and no problem holds the value, however the report repeats it", () => {
  const secrets = fc
    .string({ minLength: 8, maxLength: 40, unit: "grapheme" })
    .map((text) => `cN!${text}`);
  const spelling = fc.constantFrom(0, 1, 2, 3, 4);
  fc.assert(
    fc.property(secrets, spelling, fc.boolean(), (value, at, inUrl) => {
      const leaked = inUrl ? `postgres://u:${encodeURIComponent(value)}@db.example/x` : value;
      const result = resultOf(`/src/${spellings(value)[at] ?? ""}.env`, leaked);
      const odd = { ...result, messages: [{ ...message(0, 4), ruleId: value, severity: value }] };
      const text = JSON.stringify(normalise([result, odd, { filePath: value }, value]));
      expect(spellings(value).filter((known) => text.includes(known))).toEqual([]);
    }),
  );
});

test("the search for a leak does find one", () => {
  const reason = "in value-that-leaked";
  expect(spellings("value-that-leaked").some((known) => reason.includes(known))).toBe(true);
});

test("a finding without its text is for a person", () => {
  const { sourceContent: _content, ...binary } = resultOf("key.bin", "value-in-binary");
  const [signal] = normalise([binary]).signals as [Signal];
  expect(signal).toMatchObject({ disposition: "manual", locators: [] });
});

test("a strange element is refused with its path and the others go on", () => {
  const good = resultOf("a", "value-1");
  const outside = { ...good, messages: [message(0, 99)] };
  const broken = { ...good, messages: [{ ...message(0, 1), range: "0-1" }, message(0, 5)] };
  const { signals, refused } = normalise([good, outside, 7, broken]);
  expect(signals).toHaveLength(2);
  expect(refused.map(({ path }) => path)).toEqual([
    "[1].messages[0].range",
    "[2]",
    "[3].messages[0].range",
  ]);
});

test("ranges count as JavaScript counts, whatever stands before the value", () => {
  const result = resultOf("a", "value-1", "🔑 Grüße ");
  expect(normalise([result]).signals[0]?.locators).toEqual([fingerprintOf("value-1")]);
});

test("a report that is none, too large or no JSON is refused as a whole", () => {
  const refusedOf = (body: Uint8Array) =>
    secretlintProducer.normalise(body, context).refused.length;
  expect(refusedOf(encode({}))).toBe(1);
  expect(refusedOf(new TextEncoder().encode("[{]"))).toBe(1);
  expect(refusedOf(new Uint8Array(secretlintProducer.bodyBytesMax + 1))).toBe(1);
});

test("a file with U+0000 in its text does not hide its findings", () => {
  expect(normalise([resultOf("a", "value-1", "\u0000")]).signals).toHaveLength(1);
});

test("any bytes at all give signals or problems, never an exception", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => new TextEncoder().encode(text)),
      ),
      (body) => {
        const { signals } = secretlintProducer.normalise(body, context);
        expect(signals).toEqual([]);
      },
    ),
  );
});

function spellings(value: string): string[] {
  const bytes = Buffer.from(value, "utf8");
  const quoted = JSON.stringify(value).slice(1, -1);
  const base = [bytes.toString("base64"), bytes.toString("base64url"), bytes.toString("hex")];
  return [value, encodeURIComponent(value), ...base, quoted];
}

function resultOf(filePath: string, value: string, before = "") {
  const messages = [message(before.length, before.length + value.length)];
  return { filePath, sourceContent: `${before}${value}`, sourceContentType: "text", messages };
}

function message(start: number, end: number) {
  const loc = { start: { line: 1, column: start }, end: { line: 1, column: end } };
  const rule = { ruleId: "rule", messageId: "Message", message: "found: ***" };
  return { type: "message", ...rule, range: [start, end], loc, severity: "error" };
}
