import { hash } from "node:crypto";
import { assert } from "@rekey/domain";
import canonicalize from "canonicalize";

/** JSON with sorted keys and one way to write everything (RFC 8785); absent and `undefined` are the same. */
export const canonicalJson = (value: unknown): string => {
  const text = plainJson(value) ?? canonicalize(value);
  assert(text !== undefined, "canonical JSON of a value that has none");
  return text;
};

/** SHA-256 as 64 hex digits. */
export const sha256Hex = (content: Uint8Array | string): string => hash("sha256", content, "hex");

/**
 * The same for plain data, in half the time: every signal and audit event is written by it. Undefined where
 * `JSON.stringify` of sorted keys could differ from the RFC.
 */
function plainJson(value: unknown): string | undefined {
  const sorted = sortedCopy(value);
  if (sorted === unsure) return undefined;
  const text = JSON.stringify(sorted);
  // Half a surrogate pair is written as an escape here and refused there.
  return text === undefined || text.includes("\\ud") ? undefined : text;
}

/** Not a value of ours: the whole document is left to the library. */
const unsure = Symbol("unsure");

function sortedCopy(value: unknown): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value : unsure;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const copies = value.map(sortedCopy);
    return copies.includes(unsure) ? unsure : copies;
  }
  return Object.getPrototypeOf(value) === Object.prototype
    ? sortedObject(value as Readonly<Record<string, unknown>>)
    : unsure;
}

function sortedObject(value: Readonly<Record<string, unknown>>): unknown {
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) {
    // Objects have keys that are numbers in another order, and one that is no key at all.
    if (startsLikeNumber(key) || key === "__proto__" || key === "toJSON") return unsure;
    const member = sortedCopy(value[key]);
    if (member === unsure) return unsure;
    copy[key] = member;
  }
  return copy;
}

const [zero, nine] = [0x30, 0x39];

function startsLikeNumber(key: string): boolean {
  const first = key.charCodeAt(0);
  return first >= zero && first <= nine;
}
