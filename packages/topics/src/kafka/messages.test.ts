import fc from "fast-check";
import { expect, test } from "vitest";
import { recordBytesMax } from "../limits.ts";
import { sendsOf, toMessage, toRecord } from "./messages.ts";

const outgoing = fc.record({
  topic: fc.constantFrom("a", "b"),
  key: fc.string({ maxLength: 5 }),
  headers: fc.constant({}),
  value: fc.integer({ min: 0, max: 900_000 }).map((length) => new Uint8Array(length)),
});

test("sends hold every record once, in order, and each is small enough unless one record fills it", () => {
  fc.assert(
    fc.property(fc.array(outgoing, { maxLength: 12 }), (records) => {
      const messages = records.map(toMessage);
      const sends = sendsOf(messages);
      expect(sends.flat()).toEqual(messages);
      for (const send of sends) {
        const bytes = send.reduce((sum, message) => sum + message.bytes, 0);
        expect(send.length === 1 || bytes <= recordBytesMax).toBe(true);
      }
    }),
    { numRuns: 50 },
  );
});

test("a record larger than the limit is refused before it is sent", () => {
  const value = new Uint8Array(recordBytesMax);
  const record = { topic: "a", key: "k", headers: {}, value };
  expect(() => toMessage(record)).toThrow(expect.objectContaining({ code: "TOPIC_REJECTED" }));
});

test("what other producers leave out is empty, and of a header that is there twice the last counts", () => {
  const place = { topic: "t", partition: 1 };
  const message = {
    key: null,
    value: null,
    timestamp: "0",
    attributes: 0,
    offset: "9007199254740993",
    headers: { one: Buffer.from("ü"), two: [Buffer.from("a"), Buffer.from("b")], none: undefined },
  };
  expect(toRecord(place, message)).toEqual({
    ...place,
    offset: 9_007_199_254_740_993n,
    key: "",
    headers: { one: "ü", two: "b", none: "" },
    value: new Uint8Array(),
  });
});

test("a record says when it was appended where the broker's clock does, and not where its writer's does", () => {
  const place = { topic: "t", partition: 0 };
  const message = {
    key: null,
    value: null,
    timestamp: "1772443800123",
    attributes: 0,
    offset: "0",
    headers: {},
  };
  const timed = (timestampType: number) => ({ ...message, batchContext: { timestampType } });
  expect(toRecord(place, timed(1)).appendedAt).toBe(1_772_443_800_123);
  expect(toRecord(place, timed(0))).not.toHaveProperty("appendedAt");
  expect(toRecord(place, message)).not.toHaveProperty("appendedAt");
});
