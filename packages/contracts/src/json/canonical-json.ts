import { createHash } from "node:crypto";
import { assert } from "@rekey/domain";
import canonicalize from "canonicalize";

/** JSON with sorted keys and one way to write everything (RFC 8785); absent and `undefined` are the same. */
export const canonicalJson = (value: unknown): string => {
  const text = canonicalize(value);
  assert(text !== undefined, "canonical JSON of a value that has none");
  return text;
};

/** SHA-256 as 64 hex digits. */
export const sha256Hex = (content: Uint8Array | string): string =>
  createHash("sha256").update(content).digest("hex");
