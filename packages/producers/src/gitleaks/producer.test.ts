import { readFileSync } from "node:fs";
import { canonicalDigest, decodeCloudEvent, encodeCloudEvent, signalEvent } from "@rekey/contracts";
import type { Fingerprint, Signal } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ProducerContext } from "../producer.ts";
import { gitleaksProducer } from "./producer.ts";

const pepper = { id: "p1", key: Secret.fromUtf8("pepper of the tests") };
const fingerprintOf = (text: string): Fingerprint => Secret.fromUtf8(text).fingerprint(pepper);

const receivedAt = Date.parse("2026-03-02T09:15:05.000Z");
const context: ProducerContext = {
  receivedAt,
  source: { system: "gitleaks", tenant: "payments", feed: "api" },
  fingerprint: (secret) => [(secret as Secret).fingerprint(pepper)],
};

const encode = (report: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(report));
const normalise = (report: unknown) => gitleaksProducer.normalise(encode(report), context);

/** What gitleaks 8.30.0 wrote about planted values, with the rules beside it. */
const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url));
const report = fixture("report.git.json");
const whole = "postgresql://payments_v3:c4n4ry-Vq7w%2FTz2@db.example.internal:5432/payments";
const password = "c4n4ry-Vq7w/Tz2";
const secretId = "c4a4a7e0-1d5e-4b0a-9c1f-0f7a5e2b8d63";
const planted = [whole, password, "c4n4ryWq7zXn4LkPt9RvYb2McH", secretId];

const printed = {
  RuleID: "generic-api-key",
  Description: "Detected a Generic API Key",
  StartLine: 3,
  EndLine: 3,
  StartColumn: 1,
  EndColumn: 20,
  Match: "key = value-1",
  Secret: "value-1",
  File: "app/.env",
  SymlinkFile: "",
  Commit: "",
  Entropy: 4.2,
  Author: "",
  Email: "",
  Date: "",
  Message: "",
  Tags: [],
  Fingerprint: "app/.env:generic-api-key:3",
};
const findingOf = (Secret: string, rest: object = {}) => ({
  ...printed,
  Secret,
  Match: `key = "${Secret}"`,
  ...rest,
});
const signalOf = (finding: unknown): Signal => normalise([finding]).signals[0] as Signal;

test("each finding of a real report is one exposure, and each planted value is led to", () => {
  const { signals, refused } = gitleaksProducer.normalise(report, context);
  expect(refused).toEqual([]);
  expect(signals).toHaveLength(4);
  expect(signals[0]).toMatchObject({ kind: "exposure", disposition: "act", severity: "high" });
  expect(signals[0]?.locators[0]).toEqual(fingerprintOf(whole));
  expect(signals[0]?.reason).toBe(
    "gitleaks found a secret (connection-string) in app/config.ts, line 2, commit " +
      `${commitOf(report).slice(0, 12)}`,
  );
  for (const value of planted) {
    const leads = signals.filter(({ locators }) =>
      locators.some((locator) => locator.value === fingerprintOf(value).value),
    );
    // gitleaks decodes percent signs and reports what it then finds as well.
    expect(leads).toHaveLength(value === password ? 2 : 1);
  }
});

test("no spelling of a planted value is in what comes of a real report, whose commit message has one", () => {
  expect(report.toString()).toContain(`"Message": "connect with ${planted[2]}"`);
  const text = JSON.stringify(gitleaksProducer.normalise(report, context));
  expect(planted.flatMap(spellings).filter((spelling) => text.includes(spelling))).toEqual([]);
  expect(text).not.toContain("fixture@example.invalid");
});

test("a redacted report gives findings for a person, each with its place and why", () => {
  const { signals, refused } = gitleaksProducer.normalise(fixture("report.redacted.json"), context);
  expect(refused).toEqual([]);
  expect(signals).toHaveLength(4);
  for (const signal of signals) {
    expect(signal).toMatchObject({ disposition: "manual", locators: [] });
    expect(signal.reason).toMatch(/line \d, commit .*does not hold its value, so a person decides/);
  }
});

test.each([
  ["half redacted", "c4n4ry-Vq..."],
  ["empty, as of a rule for paths", ""],
  ["not text", "c4n4ry\uFFFDVq7w"],
])("a value that is %s is not fingerprinted", (_name, value) => {
  expect(signalOf(findingOf(value))).toMatchObject({ disposition: "manual", locators: [] });
});

test("where a rule cut the password out of a connection string, it is found decoded and as written", () => {
  const cut = findingOf("c4n4ry-Vq7w%2FTz2", { Match: `url: "${whole}"` });
  const expected = ["c4n4ry-Vq7w%2FTz2", whole, password].map(fingerprintOf);
  expect(signalOf(cut).locators).toEqual(expect.arrayContaining(expected));
  expect(signalOf(cut).locators[0]).toEqual(expected[0]);
  const jdbc = `jdbc:postgresql://db.example.internal/x?user=a&password=${secretId}`;
  const query = findingOf(jdbc, { Match: jdbc });
  expect(signalOf(query).locators).toContainEqual(fingerprintOf(secretId));
});

test("it occurred when it was committed; what no clock can have said is when it was reported", () => {
  const at = (Date: string) => signalOf(findingOf("value-1", { Date })).occurredAt;
  expect(at("2026-02-27T16:40:12Z")).toBe(Date.parse("2026-02-27T16:40:12Z"));
  const unreadable = [
    "",
    "10-19-2003",
    "1970-01-01T00:00:00Z",
    "2026-03-03T00:00:00Z",
    "2026-02-30",
  ];
  for (const date of unreadable) expect(at(date)).toBe(receivedAt);
});

test("the finding of gitleaks' own tests, with its date of another shape, is read", () => {
  const sample = { Match: "line containing secret", Secret: "a secret", Fingerprint: "" };
  const signal = signalOf({ ...printed, ...sample, Date: "10-19-2003" });
  expect(signal).toMatchObject({ disposition: "act", occurredAt: receivedAt });
});

test("the same finding has the same dedupe key whenever it is read; another place or value another", () => {
  const key = (finding: unknown) => signalOf(finding).dedupeKey;
  const first = findingOf("value-1");
  const later = { ...context, receivedAt: receivedAt + 1 };
  const [again] = gitleaksProducer.normalise(encode([first]), later).signals;
  expect(again?.dedupeKey).toBe(key(first));
  expect(again?.eventId).not.toBe(signalOf(first).eventId);
  const others = [
    findingOf("value-2"),
    findingOf("value-1", { StartColumn: 40 }),
    findingOf("value-1", { Fingerprint: "app/other:generic-api-key:3", File: "app/other" }),
  ];
  expect(new Set([first, ...others].map(key)).size).toBe(4);
});

test("nothing that is kept of a small report lets its value be guessed without the pepper", () => {
  const guess = [findingOf("hunter2")];
  const rotated = { id: "p2", key: Secret.fromUtf8("another pepper") };
  const fingerprint = (value: unknown) => [(value as Secret).fingerprint(rotated)];
  const [signal] = normalise(guess).signals as [Signal];
  const other = gitleaksProducer.normalise(encode(guess), { ...context, fingerprint });
  const [again] = other.signals as [Signal];
  expect(again.source.rawDigest).not.toBe(signal.source.rawDigest);
  expect(again.dedupeKey).not.toBe(signal.dedupeKey);
});

test("two equal findings of one report are one event; equal event ids never tell two stories", () => {
  const any = fc.constantFrom("a", "b");
  const findings = fc.record({ Secret: any, File: any, RuleID: any, Commit: any, Date: any });
  fc.assert(
    fc.property(fc.array(findings, { maxLength: 12 }), (reported) => {
      const { signals } = normalise(reported.map((each) => ({ ...printed, ...each })));
      const told = new Map(signals.map((signal) => [signal.eventId, signal]));
      for (const signal of signals) expect(told.get(signal.eventId)).toEqual(signal);
      expect(signals).toHaveLength(reported.length);
    }),
  );
});

test("no signal and no problem holds the value, however the report repeats it", () => {
  const secrets = fc
    .string({ minLength: 8, maxLength: 40, unit: "grapheme" })
    .map((text) => `cN!${text.replaceAll("\uFFFD", "")}!`);
  const name = fc.constantFrom(
    "File",
    "RuleID",
    "Commit",
    "Fingerprint",
    "Message",
    "Date",
    "Link",
  );
  fc.assert(
    fc.property(secrets, fc.record({ name, at: fc.nat(4), inUrl: fc.boolean() }), (value, told) => {
      const { name, at, inUrl } = told;
      const leaked = inUrl ? `postgres://u:${encodeURIComponent(value)}@db.example/x` : value;
      const repeated = { [name]: `/src/${spellings(value)[at] ?? ""}.env` };
      const strange = { ...printed, [name]: [value], Secret: value };
      const text = JSON.stringify(normalise([findingOf(leaked, repeated), strange, value]));
      expect(spellings(value).filter((known) => text.includes(known))).toEqual([]);
    }),
  );
});

test("a part of the value that a cut commit would leave is not shown", () => {
  const signal = signalOf(
    findingOf("0123456789abcdef01234567", { Commit: "0123456789abcdef01234567" }),
  );
  expect(signal.reason).toBe("gitleaks found a secret");
});

test("a strange element is refused with its path and the others go on", () => {
  const { StartLine: _line, ...lineless } = findingOf("value-1");
  const long = findingOf("x".repeat(64 * 1024 + 1));
  const { signals, refused } = normalise([
    findingOf("value-1"),
    lineless,
    7,
    long,
    findingOf("v2"),
  ]);
  expect(signals).toHaveLength(2);
  expect(refused.map(({ path }) => path)).toEqual(["[1].StartLine", "[2]", "[3].Secret"]);
});

test("an empty report is nothing, and no error", () => {
  expect(normalise([])).toEqual({ signals: [], refused: [] });
});

test("a report that is none, too large or no JSON is refused as a whole", () => {
  const refusedOf = (body: Uint8Array) => gitleaksProducer.normalise(body, context).refused.length;
  expect(refusedOf(encode({}))).toBe(1);
  expect(refusedOf(new TextEncoder().encode("[{]"))).toBe(1);
  expect(refusedOf(new Uint8Array(gitleaksProducer.bodyBytesMax + 1))).toBe(1);
  expect(refusedOf(encode(Array.from({ length: 10_001 }, () => 0)))).toBe(1);
});

test("every signal passes the canonical boundary", () => {
  for (const signal of gitleaksProducer.normalise(report, context).signals) {
    const event = signalEvent(signal, { source: "/rekey/api" });
    expect(decodeCloudEvent(encodeCloudEvent(event)).value).toEqual(event);
    expect(canonicalDigest(signal)).toMatch(/^[0-9a-f]{64}$/);
  }
});

test("any finding at all gives a signal that passes the canonical boundary, or a problem", () => {
  const anything = fc.oneof(fc.string({ unit: "binary" }), fc.integer(), fc.constant(""));
  const names = Object.keys(printed);
  const entries = names.map((name) => [name, anything] as const);
  const findings = fc.record(Object.fromEntries(entries), { requiredKeys: [] });
  fc.assert(
    fc.property(findings, (finding) => {
      const { signals, refused } = normalise([{ ...printed, ...finding }, finding]);
      expect(signals.length + refused.length).toBe(2);
      for (const signal of signals) {
        const event = signalEvent(signal, { source: "/rekey/api" });
        expect(decodeCloudEvent(encodeCloudEvent(event)).value).toEqual(event);
      }
    }),
  );
});

test("any bytes at all give signals or problems, never an exception", () => {
  const texts = fc.json().map((text) => new TextEncoder().encode(text));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), texts), (body) => {
      expect(gitleaksProducer.normalise(body, context).signals).toEqual([]);
    }),
  );
});

function commitOf(body: Uint8Array): string {
  return (JSON.parse(new TextDecoder().decode(body)) as { Commit: string }[])[0]?.Commit ?? "";
}

function spellings(value: string): string[] {
  const bytes = Buffer.from(value, "utf8");
  const quoted = JSON.stringify(value).slice(1, -1);
  const base = [bytes.toString("base64"), bytes.toString("base64url"), bytes.toString("hex")];
  return [value, encodeURIComponent(value), ...base, quoted];
}
