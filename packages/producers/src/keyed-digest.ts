import type { Fingerprinter } from "@rekey/domain";
import { Secret } from "@rekey/secret";

const digestLength = 64;

/**
 * Names bytes without telling what is in them: 64 hex digits, HMAC-SHA-256 under the pepper. They may hold a weak
 * secret, which a plain SHA-256 would let anybody guess who reads the ledger.
 */
export const keyedDigest = (content: Uint8Array | string, fingerprint: Fingerprinter): string => {
  using secret = typeof content === "string" ? Secret.fromUtf8(content) : Secret.fromBytes(content);
  return fingerprint(secret)[0]?.value ?? "0".repeat(digestLength);
};
