import { Fault } from "@rekey/domain";
import type { FaultCode } from "@rekey/domain";
import { VaultError } from "@rekey/vault-client";
import type { VaultKind } from "@rekey/vault-client";

const codes: Readonly<Record<VaultKind, FaultCode>> = {
  denied: "PROVIDER_DENIED",
  // Rekey's own login is about no credential: work resumes by itself when it works again.
  "dead-token": "PROVIDER_UNREACHABLE",
  sealed: "PROVIDER_UNREACHABLE",
  standby: "PROVIDER_UNREACHABLE",
  "not-found": "PROVIDER_REJECTED",
  cas: "PROVIDER_REJECTED",
  throttled: "PROVIDER_THROTTLED",
  invalid: "PROVIDER_REJECTED",
  unreachable: "PROVIDER_UNREACHABLE",
  timeout: "PROVIDER_TIMEOUT",
};

/** The one place where Vault's answers become the engine's. */
export function faultOf(error: unknown): unknown {
  if (!(error instanceof VaultError)) return error;
  const { kind, providerCode, retryAfterMs, unknownOutcome } = error;
  return new Fault(codes[kind], {
    providerCode,
    unknownOutcome,
    cause: error,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** For a POST that only reads: without an answer nothing has happened. */
export function asRead(error: unknown): unknown {
  if (!(error instanceof VaultError) || !error.unknownOutcome) return error;
  const { kind, providerCode, status, phrase, retryAfterMs } = error;
  const known = status === undefined ? {} : { status };
  return new VaultError({ kind, providerCode, ...known, phrase, retryAfterMs });
}
