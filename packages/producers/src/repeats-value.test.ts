import fc from "fast-check";
import { expect, test } from "vitest";
import { repeatsValue } from "./repeats-value.ts";

const url = "postgresql://payments:c4n4ry%2FTz2@db.example:5432/payments";

test.each([
  ["the whole of it", url],
  ["the password as written", "in a chat: c4n4ry%2FTz2"],
  ["the password decoded", "it is c4n4ry/Tz2."],
  ["the password encoded otherwise", "c4n4ry%2fTz2"],
  ["base64", `basic ${Buffer.from("c4n4ry/Tz2").toString("base64")}`],
  ["hex", Buffer.from("c4n4ry/Tz2").toString("hex")],
])("a text that repeats a connection string's value is found: %s", (_name, text) => {
  expect(repeatsValue(text, url)).toBe(true);
});

test("a text that repeats nothing is not", () => {
  expect(repeatsValue("100 % sure, pasted into a public chat", url)).toBe(false);
  expect(repeatsValue("a database of payments", "a")).toBe(true);
  expect(repeatsValue("database", "a")).toBe(false);
});

test("whatever stands around a value, however it is encoded, it is found", () => {
  const values = fc.string({ minLength: 4, maxLength: 40, unit: "grapheme" });
  fc.assert(
    fc.property(values, fc.string(), fc.boolean(), (value, around, encoded) => {
      const spelt = encoded ? encodeURIComponent(value) : value;
      expect(repeatsValue(`${around} ${spelt} ${around}`, value)).toBe(true);
    }),
  );
});
