import { structuredContentType } from "@rekey/contracts";
import { Secret } from "@rekey/secret";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import type { ProducerContext } from "../producer.ts";
import { nativeProducer } from "./producer.ts";
import { createReadBefore } from "./read-before.ts";

const pepper = { id: "p1", key: Secret.fromUtf8("pepper of the tests") };
const base: ProducerContext = {
  receivedAt: Date.parse("2026-03-02T09:15:05.000Z"),
  source: { system: "scanner.example", feed: "scanner" },
  fingerprint: (secret) => [(secret as Secret).fingerprint(pepper)],
};

const fingerprinterOf =
  (id: string): ProducerContext["fingerprint"] =>
  (secret) => [(secret as Secret).fingerprint({ id, key: Secret.fromUtf8(`pepper ${id}`) })];
// One for each pepper, as a process has it: what was read is remembered with it.
const fingerprinters = { p1: fingerprinterOf("p1"), p2: fingerprinterOf("p2") };

const bodies = fc
  .record({
    id: fc.constantFrom("1", "2"),
    severity: fc.constantFrom("high", "low", "terrible"),
    blanks: fc.nat({ max: 2 }),
  })
  .map(({ id, severity, blanks }) => {
    const data = {
      locators: [{ scheme: "rekey", value: "payments-db#3" }],
      severity,
      occurredAt: "2026-03-02T09:15:04.120Z",
      source: { system: "scanner.example", feed: "commits" },
    };
    const type = "rekey.exposure.reported.v1";
    const event = { specversion: "1.0", id, source: "/s", type, data };
    return new TextEncoder().encode(JSON.stringify(event, undefined, blanks));
  });

const contexts = fc
  .record({
    feed: fc.constantFrom("scanner", "other"),
    tenant: fc.constantFrom(undefined, "acme"),
    headers: fc.constantFrom(
      undefined,
      {},
      { "content-type": "application/cloudevents+json" },
      { "content-type": structuredContentType },
      { "content-type": Buffer.from(structuredContentType) },
      { "content-type": Buffer.from(structuredContentType), traceparent: "00-1-2-00" },
      { "content-type": new TextEncoder().encode("application/cloudevents+json") },
      { "content-type": "text/plain" },
    ),
    pepper: fc.constantFrom("p1" as const, "p2" as const),
  })
  .map(({ feed, tenant, headers, pepper: id }): ProducerContext => ({
    ...base,
    source: { system: "scanner.example", feed, ...(tenant === undefined ? {} : { tenant }) },
    ...(headers === undefined ? {} : { headers }),
    fingerprint: fingerprinters[id],
  }));

test("what was read before is read the same, whatever came between", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(bodies, contexts), { maxLength: 20 }), (deliveries) => {
      for (const [body, context] of deliveries) {
        const { isRemembered: _, ...outcome } = nativeProducer.normalise(body, context);
        // A header that is unknown to every other delivery: nothing of it can be remembered.
        const headers = { ...(context.headers ?? structured), unheard: `${(heard += 1)}` };
        const { isRemembered, ...anew } = nativeProducer.normalise(body, { ...context, headers });
        expect(isRemembered).toBeUndefined();
        expect(outcome).toEqual(anew);
      }
    }),
  );
});

const structured = { "content-type": "application/cloudevents+json" };
let heard = 0;

const eventOf = (id: string): Uint8Array => {
  const event = {
    specversion: "1.0",
    id,
    source: "/s",
    type: "rekey.exposure.reported.v1",
    data: {
      locators: [{ scheme: "rekey", value: "payments-db#3" }],
      severity: "high",
      occurredAt: "2026-03-02T09:15:04.120Z",
    },
  };
  return new TextEncoder().encode(JSON.stringify(event));
};

test("an event that comes again is the same signal and no copy; a refused one is refused again", () => {
  const body = eventOf("again");
  const [first, second] = [
    nativeProducer.normalise(body, base),
    nativeProducer.normalise(body, base),
  ];
  expect([first.isRemembered, second.isRemembered]).toEqual([undefined, true]);
  expect(second.signals[0]).toBe(first.signals[0]);
  const refused = new TextEncoder().encode("{}");
  const refusals = [1, 2].map(() => nativeProducer.normalise(refused, base).refused);
  expect(refusals[0]).not.toEqual([]);
  expect(refusals[1]).toEqual(refusals[0]);
});

test("an event is not remembered where it and its headers are large, nor where it cannot be named", () => {
  const secondOf = (context: ProducerContext): true | undefined => {
    nativeProducer.normalise(eventOf("large"), context);
    return nativeProducer.normalise(eventOf("large"), context).isRemembered;
  };
  const withHeader = (value: string | Uint8Array): ProducerContext => ({
    ...base,
    headers: { ...structured, authorization: value },
  });
  expect(secondOf(withHeader("a".repeat(1_000)))).toBe(true);
  expect(secondOf(withHeader("a".repeat(8_192)))).toBeUndefined();
  expect(secondOf(withHeader(new Uint8Array(8_192)))).toBeUndefined();
  expect(secondOf({ ...base, fingerprint: () => [] })).toBeUndefined();
});

test("what an event is remembered by holds none of its headers", () => {
  const put = vi.spyOn(Map.prototype, "set");
  const headers = { ...structured, authorization: "Bearer wXq2" };
  nativeProducer.normalise(eventOf("in the clear"), { ...base, headers });
  const keys = put.mock.calls.map(([key]: readonly unknown[]) => key);
  put.mockRestore();
  expect(keys).toContainEqual(expect.stringMatching(/^[0-9a-f]{64}$/));
  expect(JSON.stringify(keys)).not.toContain("wXq2");
});

test("the oldest is forgotten first, and no more is kept than its bound", () => {
  const kept = createReadBefore<number>();
  for (let index = 0; index <= 512; index += 1) kept.put(String(index), index);
  expect([kept.get("0"), kept.get("1"), kept.get("512")]).toEqual([undefined, 1, 512]);
});
