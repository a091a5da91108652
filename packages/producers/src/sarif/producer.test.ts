import { readFileSync } from "node:fs";
import { decodeCloudEvent, encodeCloudEvent, signalEvent } from "@rekey/contracts";
import type { Fingerprint, Signal } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ProducerContext } from "../producer.ts";
import { sarifProducer } from "./producer.ts";

const pepper = { id: "p1", key: Secret.fromUtf8("pepper of the tests") };
const fingerprintOf = (text: string): Fingerprint => Secret.fromUtf8(text).fingerprint(pepper);

const receivedAt = Date.parse("2026-03-02T09:15:05.000Z");
const context: ProducerContext = {
  receivedAt,
  source: { system: "scanner", tenant: "payments", feed: "api" },
  fingerprint: (secret) => [(secret as Secret).fingerprint(pepper)],
};

/** What gitleaks 8.30.0 wrote with `--report-format sarif` about planted values, with two rules of its own. */
const report = readFileSync(new URL("fixtures/gitleaks.sarif.json", import.meta.url));
const whole = "postgresql://payments_v3:c4n4ry-Vq7w%2FTz2@db.example.internal:5432/payments";
const password = "c4n4ry-Vq7w/Tz2";
const secretId = "c4a4a7e0-1d5e-4b0a-9c1f-0f7a5e2b8d63";
const planted = [whole, password, "c4n4ryWq7zXn4LkPt9RvYb2McH", secretId];

const encode = (body: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(body));
const logOf = (results: unknown) => ({
  version: "2.1.0",
  runs: [{ tool: { driver: { name: "scanner" } }, results }],
});
const normalise = (results: unknown) => sarifProducer.normalise(encode(logOf(results)), context);
const locationOf = (text: string, uri = "app/.env") => ({
  physicalLocation: { artifactLocation: { uri }, region: { startLine: 3, snippet: { text } } },
});
const resultOf = (text: string, rest: object = {}) => ({
  ruleId: "rule",
  message: { text: "found" },
  locations: [locationOf(text)],
  ...rest,
});
const signalOf = (result: unknown): Signal => normalise([result]).signals[0] as Signal;

test("each result of a real log is one exposure, and each planted value is led to", () => {
  const { signals, refused } = sarifProducer.normalise(report, context);
  expect(refused).toEqual([]);
  expect(signals).toHaveLength(3);
  for (const signal of signals) {
    expect(signal).toMatchObject({ kind: "exposure", disposition: "act", severity: "high" });
    expect(signal.occurredAt).toBe(Date.parse("2026-02-27T16:40:12Z"));
    expect(signal.reason).toMatch(
      /^a scanner found a secret \([a-z-]+\) in app\/\S+, line 2, commit [0-9a-f]{12}$/,
    );
  }
  for (const value of [whole, password, secretId]) {
    const leads = signals.filter(({ locators }) =>
      locators.some((locator) => locator.value === fingerprintOf(value).value),
    );
    expect(leads.length).toBeGreaterThan(0);
  }
});

test("no spelling of a planted value is in what comes of a real log, whose commit message has one", () => {
  expect(report.toString()).toContain(`"commitMessage": "connect with ${planted[2]}"`);
  const text = JSON.stringify(sarifProducer.normalise(report, context));
  expect(planted.flatMap(spellings).filter((spelling) => text.includes(spelling))).toEqual([]);
  expect(text).not.toContain("fixture@example.invalid");
});

test("a result without its value, or with it redacted, is for a person", () => {
  const without = [{ ruleId: "rule" }, resultOf("REDACTED"), resultOf("half of it...")];
  for (const signal of normalise(without).signals) {
    expect(signal).toMatchObject({ disposition: "manual", locators: [] });
    expect(signal.reason).toContain("does not hold its value, so a person decides");
  }
});

test("a line around a connection string leads to its password", () => {
  expect(signalOf(resultOf(`  url: "${whole}",`)).locators).toContainEqual(fingerprintOf(password));
});

test("every location's value is looked up", () => {
  const locations = [locationOf("value-1"), { logicalLocations: [] }, locationOf("value-2")];
  const expected = ["value-1", "value-2"].map(fingerprintOf);
  expect(signalOf(resultOf("", { locations })).locators).toEqual(expected);
});

test.each([
  ["suppressed", { suppressions: [{ kind: "inSource" }] }, "note"],
  ["suppressed, accepted", { suppressions: [{ kind: "external", status: "accepted" }] }, "note"],
  ["under review", { suppressions: [{ kind: "external", status: "underReview" }] }, "act"],
  ["suppressed and rejected", { suppressions: [{}, { status: "rejected" }] }, "act"],
  ["not suppressed", { suppressions: [] }, "act"],
  ["found no more", { baselineState: "absent" }, "note"],
  ["found again", { baselineState: "unchanged" }, "act"],
  ["looked for and not found", { kind: "pass" }, "note"],
])("what is %s", (_name, rest, disposition) => {
  const signal = signalOf(resultOf("value-1", rest));
  expect(signal).toMatchObject({ disposition, locators: [fingerprintOf("value-1")] });
});

test("a level is the severity; what has none is no mere warning", () => {
  const levels = ["error", "warning", "note", "none", undefined];
  const severities = levels.map((level) => signalOf(resultOf("v", { level })).severity);
  expect(severities).toEqual(["high", "medium", "low", "info", "high"]);
});

test("the same result has the same dedupe key whenever it is read; another place, tool or value another", () => {
  const key = (result: unknown) => signalOf(result).dedupeKey;
  const first = resultOf("value-1");
  const later = { ...context, receivedAt: receivedAt + 1 };
  const [again] = sarifProducer.normalise(encode(logOf([first])), later).signals;
  expect(again?.dedupeKey).toBe(key(first));
  expect(again?.eventId).not.toBe(signalOf(first).eventId);
  const elsewhere = resultOf("", { locations: [locationOf("value-1", "app/other")] });
  expect(new Set([first, elsewhere, resultOf("value-2")].map(key)).size).toBe(3);
});

test("a strange element is refused with its path and the others go on", () => {
  const long = resultOf("x".repeat(64 * 1024 + 1));
  const results = [resultOf("value-1"), resultOf("v", { level: 3 }), 7, long, resultOf("v2")];
  const runs = [...logOf(results).runs, 7, { tool: { driver: { name: "s" } }, results: null }];
  const { signals, refused } = sarifProducer.normalise(encode({ version: "2.1.0", runs }), context);
  expect(signals).toHaveLength(2);
  expect(refused.map(({ path }) => path)).toEqual([
    "runs[0].results[1].level",
    "runs[0].results[2]",
    "runs[0].results[3].locations",
    "runs[1]",
  ]);
});

test("an empty log is nothing, and no error", () => {
  expect(normalise([])).toEqual({ signals: [], refused: [] });
  const empty = encode({ version: "2.1.0", runs: [] });
  expect(sarifProducer.normalise(empty, context)).toEqual({ signals: [], refused: [] });
});

test("a log that is none, of another version, too large or no JSON is refused as a whole", () => {
  const refusedOf = (body: Uint8Array) => sarifProducer.normalise(body, context).refused.length;
  for (const body of [{}, [], null, "2.1.0", { version: "2.0.0", runs: [] }, { version: "2.1.0" }])
    expect(refusedOf(encode(body))).toBe(1);
  expect(refusedOf(new TextEncoder().encode("[{]"))).toBe(1);
  expect(refusedOf(new Uint8Array(sarifProducer.bodyBytesMax + 1))).toBe(1);
  expect(refusedOf(encode(logOf(Array.from({ length: 10_001 }, () => 0))))).toBe(1);
});

test("no signal and no problem holds the value, however the log repeats it", () => {
  const secrets = fc
    .string({ minLength: 8, maxLength: 40, unit: "grapheme" })
    .map((text) => `cN!${text.replaceAll("\uFFFD", "")}!`);
  const name = fc.constantFrom("ruleId", "uri", "commitSha", "date", "level", "fingerprints");
  fc.assert(
    fc.property(secrets, fc.record({ name, at: fc.nat(4) }), (value, told) => {
      const text = `/src/${spellings(value)[told.at] ?? ""}.env`;
      const rest = {
        uri: { locations: [locationOf(value, text)] },
        commitSha: { partialFingerprints: { commitSha: text } },
        date: { partialFingerprints: { [text]: value, date: text } },
        fingerprints: { fingerprints: { [value]: 7 } },
        ruleId: { ruleId: text },
        level: { level: text },
      }[told.name];
      const out = JSON.stringify(normalise([resultOf(value, rest), value]));
      expect(spellings(value).filter((known) => out.includes(known))).toEqual([]);
    }),
  );
});

test("any result at all gives a signal that passes the canonical boundary, or a problem", () => {
  const names = ["ruleId", "level", "kind", "locations", "suppressions", "fingerprints", "uri"];
  const results = fc.dictionary(fc.constantFrom(...names), fc.jsonValue({ maxDepth: 3 }));
  fc.assert(
    fc.property(results, (result) => {
      const { signals, refused } = normalise([result, { ...resultOf("value-1"), ...result }]);
      expect(signals.length + refused.length).toBe(2);
      for (const signal of signals) {
        const event = signalEvent(signal, { source: "/rekey/api" });
        expect(decodeCloudEvent(encodeCloudEvent(event)).value).toEqual(event);
      }
    }),
  );
});

test("any bytes at all give problems, never an exception", () => {
  const texts = fc.json().map((text) => new TextEncoder().encode(text));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), texts), (body) => {
      expect(sarifProducer.normalise(body, context).signals).toEqual([]);
    }),
  );
});

function spellings(value: string): string[] {
  const bytes = Buffer.from(value, "utf8");
  const quoted = JSON.stringify(value).slice(1, -1);
  const base = [bytes.toString("base64"), bytes.toString("base64url"), bytes.toString("hex")];
  return [value, encodeURIComponent(value), ...base, quoted];
}
