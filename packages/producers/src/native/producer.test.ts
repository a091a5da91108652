import { readFileSync } from "node:fs";
import { createHmac } from "node:crypto";
import { Secret } from "@rekey/secret";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ProducerContext } from "../producer.ts";
import { nativeProducer } from "./producer.ts";

const structured = readFileSync(new URL("fixtures/exposure.structured.json", import.meta.url));
const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const key = "pepper of the tests";
const pepper = { id: "p1", key: Secret.fromUtf8(key) };
const context: ProducerContext = {
  receivedAt: Date.parse("2026-03-02T09:15:05.000Z"),
  source: { system: "scanner.example", feed: "scanner" },
  fingerprint: (secret) => [(secret as Secret).fingerprint(pepper)],
};

const document = JSON.parse(structured.toString("utf8")) as Record<string, unknown> & {
  data: Record<string, unknown>;
};

test("an event of ours becomes its signal, bound to the producer and to its bytes", () => {
  const { signals, refused } = nativeProducer.normalise(structured, context);
  expect(refused).toEqual([]);
  expect(signals).toMatchObject([
    {
      eventId: "scan-7f31:0",
      kind: "exposure",
      effect: "expose",
      occurredAt: Date.parse("2026-03-02T09:15:04.120Z"),
      source: {
        feed: "scanner/commits",
        rawDigest: createHmac("sha256", key).update(structured.subarray(0, -1)).digest("hex"),
      },
    },
  ]);
});

test("the same event in binary mode is the same signal but for the digest of its bytes", () => {
  const { data, datacontenttype, ...attributes } = document;
  const named = Object.entries(attributes).map(([name, value]) => [`ce_${name}`, String(value)]);
  const headers = { ...Object.fromEntries(named), "content-type": String(datacontenttype) };
  const binary = nativeProducer.normalise(encode(data), { ...context, headers });
  const [first] = nativeProducer.normalise(structured, context).signals;
  const rawDigest: unknown = expect.stringMatching(/^[0-9a-f]{64}$/);
  expect(binary.signals).toEqual([{ ...first, source: { ...first?.source, rawDigest } }]);
});

test("an invalid event is refused with the paths of all its problems", () => {
  const data = { ...document.data, severity: "terrible", occurredAt: "yesterday", extra: 1 };
  const { signals, refused } = nativeProducer.normalise(encode({ ...document, data }), context);
  expect(signals).toEqual([]);
  expect(new Set(refused.map(({ path }) => path))).toEqual(
    new Set(["data.severity", "data.occurredAt", "data.[unknown key 11]"]),
  );
});

test("a raw value in place of a fingerprint is refused and not repeated", () => {
  const locators = [{ scheme: "hmac-sha256:p1", value: "hunter2" }];
  const data = { ...document.data, locators };
  const outcome = nativeProducer.normalise(encode({ ...document, data }), context);
  expect(outcome.refused).toHaveLength(1);
  expect(JSON.stringify(outcome)).not.toContain("hunter2");
});

test("any bytes and headers at all give a signal or problems, never an exception", () => {
  const header = fc.constantFrom("application/cloudevents+json", "application/json", "");
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      header,
      (body, type) => {
        const headers = { "content-type": type, ce_id: "1" };
        const { signals, refused } = nativeProducer.normalise(body, { ...context, headers });
        expect([signals.length, refused.length > 0]).toEqual([0, true]);
      },
    ),
  );
});
