import fc from "fast-check";
import { expect, test } from "vitest";
import { holdsToken } from "./token-like.ts";

test.each([
  "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
  "xoxb-2f9Kq7LmZ1Rt8Wv3",
  "T00000000/B00000000/aB3xK9mQ2rT7vW1zY5cD8fGh",
  "9b2c1f4e7a6d4c0f8e1b5a3d2c9f7e60",
  "0197a3c2-6f1e-7a52-9c1d-3a5f6b7c8d9e",
  "qzxvbnwkjhgfdsrtplmoiuytrewq",
])("%s is like a token", (text) => expect(holdsToken(text)).toBe(true));

test.each([
  "paste.example.org/a",
  "incidents/2026-03-02/payments-database-leak",
  "AcmePaymentsApi/issues/1204",
  "arn:aws:secretsmanager:eu-central-1:123456789012:secret/payments",
  "database-credentials-production.v2",
])("%s is like words", (text) => expect(holdsToken(text)).toBe(false));

test("whatever holds 16 random bytes in hex holds a token", () => {
  const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(bytes, fc.webPath(), (drawn, path) =>
      holdsToken(`${path}/${Buffer.from(drawn).toString("hex")}`),
    ),
  );
});
