import { createHmac } from "node:crypto";
import { format, inspect } from "node:util";
import { serialize } from "node:v8";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Secret } from "./secret.ts";

const pepper = { id: "p1", key: Secret.fromUtf8("pepper key of the tests") };

// Each way a value could leave by accident; typed as text, as careless code would believe it is.
// What throws gives nothing away.
const serialisations: Record<string, (secret: string) => unknown> = {
  "template string": (secret) => `${secret}`,
  "string concatenation": (secret) => "" + secret,
  String: (secret) => String(secret),
  "toString()": (secret) => secret.toString(),
  "toLocaleString()": (secret) => secret.toLocaleString(),
  "JSON.stringify": (secret) => JSON.stringify({ nested: [secret] }),
  inspect: (secret) => inspect({ nested: { secret } }, { depth: null, showHidden: true }),
  "inspect without custom": (secret) =>
    inspect(secret, { customInspect: false, showHidden: true, showProxy: true, getters: true }),
  "console format": (secret) => format("%s %o %O %j %d", secret, secret, secret, secret, secret),
  "error message": (secret) => new Error(`refused ${secret}`, { cause: secret }).stack,
  "inspected error": (secret) => inspect(new Error("refused", { cause: { secret } })),
  "spread copy": (secret) => inspect(Object.assign({}, secret)),
  entries: (secret) => inspect(Object.entries(Object.getOwnPropertyDescriptors(secret))),
  structuredClone: (secret) => inspect(structuredClone(secret)),
  "v8 serialize": (secret) => serialize(secret).toString("latin1"),
  URLSearchParams: (secret) => new URLSearchParams({ secret: secret }).toString(),
  Number: (secret) => String(Number(secret)),
  "Array join": (secret) => [secret].join(),
  "Buffer.from": (secret) => Buffer.from(secret).toString("latin1"),
};

function encodings(value: string): string[] {
  const bytes = Buffer.from(value, "utf8");
  return [
    value,
    bytes.toString("base64"),
    bytes.toString("base64url"),
    bytes.toString("hex"),
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
    [...bytes].join(","),
    bytes.toString("latin1"),
  ];
}

function outputOf(serialise: (secret: string) => unknown, secret: Secret): string {
  try {
    return String(serialise(secret as never));
  } catch (error) {
    return inspect(error);
  }
}

function leaksOf(output: string, value: string): string[] {
  return encodings(value).filter((encoded) => output.toLowerCase().includes(encoded.toLowerCase()));
}

const values = fc.string({ minLength: 8, maxLength: 64, unit: "binary" }).map((s) => `cNry7${s}`);

for (const [name, serialise] of Object.entries(serialisations)) {
  test(`${name} gives nothing of the value away, in no encoding`, () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(leaksOf(outputOf(serialise, Secret.fromUtf8(value)), value)).toEqual([]);
      }),
    );
  });
}

test("the search finds a planted leak in each encoding", () => {
  for (const encoded of encodings("cNry7 ü/=?\n")) {
    expect(leaksOf(`before ${encoded} after`, "cNry7 ü/=?\n")).not.toEqual([]);
  }
});

test("a secret cannot be cloned to another thread", () => {
  expect(() => structuredClone(Secret.fromUtf8("value"))).toThrow(/could not be cloned/);
  expect(() => structuredClone({ deep: [Secret.fromUtf8("value")] })).toThrow();
});

test("reveal and revealBytes give back what was put in", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(Secret.fromUtf8(text).reveal()).toBe(text);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect([...Secret.fromBytes(bytes).revealBytes()]).toEqual([...bytes]);
    }),
  );
});

test("a secret keeps its own copy of the bytes", () => {
  const bytes = Buffer.from("value");
  const secret = Secret.fromBytes(bytes);
  bytes.fill(0);
  expect(secret.reveal()).toBe("value");
});

test("equals holds exactly for equal bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (left, right) => {
      const same = Buffer.compare(left, right) === 0;
      expect(Secret.fromBytes(left).equals(Secret.fromBytes(right))).toBe(same);
      expect(Secret.fromBytes(left).equals(Secret.fromBytes(left))).toBe(true);
    }),
  );
});

test("deep equality of the test runner never calls two secrets equal", () => {
  expect(Secret.fromUtf8("one")).not.toEqual(Secret.fromUtf8("two"));
});

test("a fingerprint is the keyed digest of the value without one trailing newline", () => {
  const value = createHmac("sha256", "pepper key of the tests").update("value").digest("hex");
  const expected = { scheme: "hmac-sha256:p1", value };
  for (const text of ["value", "value\n", "value\r\n"]) {
    expect(Secret.fromUtf8(text).fingerprint(pepper)).toEqual(expected);
  }
  for (const text of ["value\n\n", " value", "value ", "value\r"]) {
    expect(Secret.fromUtf8(text).fingerprint(pepper)).not.toEqual(expected);
  }
});

test("however often a pepper was used, it gives what the key's bytes give", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.array(fc.uint8Array(), { minLength: 2 }), (bytes, values) => {
      const key = Secret.fromBytes(bytes);
      for (const value of values.map((each) => Uint8Array.of(...each, 0x2e))) {
        const expected = createHmac("sha256", bytes).update(value).digest("hex");
        expect(Secret.fromBytes(value).fingerprint({ id: "p1", key }).value).toBe(expected);
      }
    }),
  );
});

test("a pepper that was used fingerprints nothing after it was disposed", () => {
  const key = Secret.fromUtf8("a pepper");
  const value = Secret.fromUtf8("value");
  value.fingerprint({ id: "p1", key });
  key.dispose();
  expect(() => value.fingerprint({ id: "p1", key })).toThrow("the secret was disposed");
});

test("a disposed secret has overwritten its bytes and refuses every use", () => {
  const secret = Secret.fromUtf8("value");
  const bytes = secret.revealBytes();
  secret.dispose();
  secret.dispose();
  expect([...bytes]).toEqual([0, 0, 0, 0, 0]);
  expect(() => secret.reveal()).toThrow("the secret was disposed");
  expect(() => secret.fingerprint(pepper)).toThrow("the secret was disposed");
  expect(String(secret)).toBe("[secret]");
});
