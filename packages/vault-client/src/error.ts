/** What an answer means, whatever its wording. */
export type VaultKind =
  /** Policy refuses. */
  | "denied"
  /**
   * The token that was sent is unknown, expired or revoked (TOKEN_REFUSED), or none was to be had: Rekey's own login is
   * refused (LOGIN_REFUSED), or locked or nowhere mounted (LOGIN_LOCKED).
   */
  | "dead-token"
  | "sealed"
  /** No active node was found, or a standby would not forward. */
  | "standby"
  | "not-found"
  /** A check-and-set did not match. */
  | "cas"
  /** A rate limit; `retryAfterMs` says when to come back. */
  | "throttled"
  | "invalid"
  | "unreachable"
  | "timeout";

/** Sentences of Vault that tell more than the status, as words: nothing of an answer's text leaves the client. */
export type VaultPhrase =
  | "invalid-token"
  | "bad-token"
  | "cas-mismatch"
  | "cas-required"
  | "invalid-role-or-secret-id"
  | "invalid-accessor"
  | "accessor-entry-missing"
  | "no-handler-for-route"
  | "active-node-not-found"
  | "sealed"
  | "lease-not-found"
  | "engine-upgrading";

export interface VaultErrorOptions {
  readonly kind: VaultKind;
  /** An HTTP status, an errno, or a word in capitals: for operators, never a sentence of the answer. */
  readonly providerCode: string;
  readonly status?: number;
  readonly phrase?: VaultPhrase | undefined;
  readonly retryAfterMs?: number | undefined;
  /** The write may have happened: confirm before trying again. */
  readonly unknownOutcome?: boolean;
}

/** The one error of this room. It holds no token, no body and no path, and has no cause. */
export class VaultError extends Error {
  readonly kind: VaultKind;
  readonly providerCode: string;
  readonly status: number | undefined;
  readonly phrase: VaultPhrase | undefined;
  readonly retryAfterMs: number | undefined;
  readonly unknownOutcome: boolean;

  constructor(options: VaultErrorOptions) {
    super(`vault: ${options.kind} (${options.providerCode})`);
    this.name = "VaultError";
    this.kind = options.kind;
    this.providerCode = options.providerCode;
    this.status = options.status;
    this.phrase = options.phrase;
    this.retryAfterMs = options.retryAfterMs;
    this.unknownOutcome = options.unknownOutcome ?? false;
  }
}
