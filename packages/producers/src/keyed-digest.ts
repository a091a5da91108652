import type { Fingerprinter } from "@rekey/domain";
import { Secret } from "@rekey/secret";

/** The digest of everything where there is no key: it names nothing. */
export const unnamed = "0".repeat(64);

/**
 * Names bytes without telling what is in them: 64 hex digits, HMAC-SHA-256 under the pepper. They may hold a weak
 * secret, which a plain SHA-256 would let anybody guess who reads the ledger.
 */
export const keyedDigest = (content: Uint8Array | string, fingerprint: Fingerprinter): string => {
  using secret = typeof content === "string" ? Secret.fromUtf8(content) : Secret.fromBytes(content);
  return fingerprint(secret)[0]?.value ?? unnamed;
};
