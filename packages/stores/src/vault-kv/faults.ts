import { Fault, type FaultCode } from "@rekey/domain";
import { VaultError, type VaultKind } from "@rekey/vault-client";

/** A store fault with a word for operators. */
export const storeFault = (code: FaultCode, providerCode: string): Fault =>
  new Fault(code, { providerCode });

// Rekey's own login is about no document: work resumes by itself when it works again. A policy's refusal is.
const codes: Readonly<Record<VaultKind, readonly [FaultCode, string | undefined]>> = {
  denied: ["STORE_REJECTED", "DENIED"],
  invalid: ["STORE_REJECTED", undefined],
  "not-found": ["STORE_REJECTED", "NO_SUCH_MOUNT"],
  cas: ["STORE_LOCKED", "foreign-writer"],
  // LOGIN_REFUSED, LOGIN_LOCKED or TOKEN_REFUSED, as for an issuer in Vault.
  "dead-token": ["STORE_UNREACHABLE", undefined],
  sealed: ["STORE_UNREACHABLE", "SEALED"],
  standby: ["STORE_UNREACHABLE", "STANDBY"],
  throttled: ["STORE_UNREACHABLE", "THROTTLED"],
  unreachable: ["STORE_UNREACHABLE", undefined],
  timeout: ["STORE_UNREACHABLE", "TIMEOUT"],
};

/** What a failed request means for a store. The error has no text of Vault, so it may be the cause. */
export const faultOfVault = (error: unknown): unknown => {
  if (!(error instanceof VaultError)) return error;
  const [code, word = error.providerCode] = codes[error.kind];
  return new Fault(code, {
    providerCode: word,
    cause: error,
    unknownOutcome: error.unknownOutcome,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  });
};
