/** What the engine does with a fault. */
export type FaultAction = "retry" | "halt" | "page";

interface FaultRule {
  readonly action: FaultAction;
  /** What a person reads: no value that could be a secret. */
  readonly text: string;
  /** What a person does next; also the lead of the runbook page docs/runbooks/<CODE>.md. */
  readonly next: string;
}

/** Every fault code that can occur, once: the table that engine, CLI and runbooks share. */
export const faultCodes = {
  PROVIDER_UNREACHABLE: {
    action: "retry",
    text: "the provider does not answer",
    next: "check the network path and the provider's own health; work resumes by itself",
  },
  PROVIDER_TIMEOUT: {
    action: "retry",
    text: "the provider did not answer within the deadline",
    next: "nothing: the effect is confirmed before it is tried again",
  },
  PROVIDER_THROTTLED: {
    action: "retry",
    text: "the provider asks for a slower pace",
    next: "nothing, or raise the provider's limit",
  },
  PROVIDER_DENIED: {
    action: "halt",
    text: "the provider refuses Rekey's own permission for this call",
    next: "grant the permission named in the provider's page, then `rekey rotation resume`",
  },
  PROVIDER_REJECTED: {
    action: "halt",
    text: "the provider rejects the request",
    next: "read the provider's code, correct the credential's settings, then `rekey rotation resume`",
  },
  PROVIDER_NEEDS_SLOT: {
    action: "halt",
    text: "the provider allows no further live version",
    next: "end a version that is no longer used, then `rekey rotation resume`",
  },
  PROVIDER_UNSURE: {
    action: "halt",
    text: "what is alive at the provider cannot be told apart",
    next: "look at the listed principals and name the one to end",
  },
  STORE_UNREACHABLE: {
    action: "retry",
    text: "the store does not answer",
    next: "check the store; work resumes by itself",
  },
  STORE_LOCKED: {
    action: "retry",
    text: "the document is being written by another",
    next: "nothing: it is tried again",
  },
  STORE_CONFLICT: {
    action: "halt",
    text: "the store's current version is not the one that was expected",
    next: "find out who wrote the document, then `rekey rotation resume`",
  },
  STORE_REJECTED: {
    action: "halt",
    text: "the store rejects the document or the address",
    next: "correct the store address in the inventory, apply, then `rekey rotation resume`",
  },
  STORE_VALUE_MISSING: {
    action: "halt",
    text: "the store no longer holds the version's value",
    next: "restore the document, or rotate again so that a new value is made",
  },
  VERIFY_REFUSED: {
    action: "halt",
    text: "the new version is refused by the provider",
    next: "compare the new principal with the old one; the old version still works",
  },
  VERIFY_PRIVILEGES: {
    action: "halt",
    text: "the new version may not do what the old one may",
    next: "align the group's privileges, then `rekey rotation resume`",
  },
  PROOF_STILL_ALIVE: {
    action: "retry",
    text: "the version that must be dead still works",
    next: "see who re-enabled it; Rekey suspends it again and keeps probing",
  },
  PROOF_CONTROL_FAILED: {
    action: "retry",
    text: "a control probe gave the wrong answer, so refusals prove nothing",
    next: "check that the successor or the control credential can log in, and not with a wrong value",
  },
  PROOF_UNKNOWN: {
    action: "retry",
    text: "probes gave no usable answer",
    next: "check the provider's reachability from Rekey",
  },
  GRACE_OVER: {
    action: "halt",
    text: "grace ended with consumers that had not moved",
    next: "move them and `rekey rotation resume`, or resume with `--cut-off`",
  },
  FOREIGN_PRESENT: {
    action: "page",
    text: "the provider holds credentials that Rekey neither minted nor adopted",
    next: "acknowledge them with `rekey credential acknowledge-foreign`, or end them at the provider",
  },
  NO_CONTROL: {
    action: "halt",
    text: "there is no control credential for this issuer instance",
    next: "run `rekey apply` so that one is declared and minted",
  },
  PLAN_IMPOSSIBLE: {
    action: "halt",
    text: "capabilities and policy leave no safe order of steps",
    next: "`rekey credential plan` says what is missing",
  },
  UNKNOWN_PLAN_VERSION: {
    action: "retry",
    text: "the plan was written by a newer build",
    next: "finish the roll-out; a newer worker carries on",
  },
  LEDGER_BEHIND_WORLD: {
    action: "page",
    text: "the ledger may be older than the world: everything is paused",
    next: "put the newer ledger back, or compare every credential, then `rekey unpause`",
  },
  PEPPER_MISMATCH: {
    action: "halt",
    text: "this process' pepper is not the one that the ledger's fingerprints are made with: no leaked value would be recognised",
    next: "give this process the pepper that the others have; a new pepper gets a new id",
  },
  LEDGER_SCHEMA_OLD: {
    action: "halt",
    text: "the ledger's schema is older than this build",
    next: "run `rekey ledger migrate` with this build, then start it again",
  },
  LEDGER_UNREACHABLE: {
    action: "retry",
    text: "the ledger does not answer",
    next: "check PostgreSQL; what was taken in waits for it",
  },
  TOPICS_UNREACHABLE: {
    action: "retry",
    text: "the topic log does not answer",
    next: "check the log's database or brokers, or where the code begins with TOKEN the token endpoint; records wait at their producer and offsets do not move",
  },
  TOPIC_REJECTED: {
    action: "halt",
    text: "the topic log refuses the record or the topic's declaration",
    next: "read the code: shrink the record, declare the topic, or correct the login, its token or the access list",
  },
  JOBS_UNREACHABLE: {
    action: "retry",
    text: "the dispatcher's backend does not answer",
    next: "check Redis or PostgreSQL; work goes on straight from the ledger, slower",
  },
  HOLD_LOST: {
    action: "retry",
    text: "another worker took the work over",
    next: "nothing: the effect is confirmed by the next",
  },
  BREAKER_OPEN: {
    action: "page",
    text: "the budget of revocations without a verified successor is used up",
    next: "look at what is asking for it; `rekey case approve` by two people, `breaker` in the policy or the window's end lets it go on",
  },
  CONFIG_MISSING: {
    action: "halt",
    text: "the issuer or store instance is not configured in this process",
    next: "add the instance to the configuration and restart",
  },
} as const satisfies Record<string, FaultRule>;

export type FaultCode = keyof typeof faultCodes;

interface FaultOptions {
  /** A provider's code such as a SQLSTATE or an HTTP status: for operators, never a sentence. */
  readonly providerCode?: string;
  /** The instance of the issuer or store that it came from, where that is not the credential's own by its code. */
  readonly provider?: string;
  /** Earliest moment a retry makes sense (Retry-After). */
  readonly retryAfterMs?: number;
  /** The effect may have happened: confirm before trying again. */
  readonly unknownOutcome?: boolean;
  readonly cause?: unknown;
}

/** A failure outside our code. Its message is public text from the table; the cause is for operators. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly action: FaultAction;
  readonly providerCode: string | undefined;
  readonly provider: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly unknownOutcome: boolean;

  constructor(code: FaultCode, options: FaultOptions = {}) {
    super(
      faultCodes[code].text,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = "Fault";
    this.code = code;
    this.action = faultCodes[code].action;
    this.providerCode = options.providerCode;
    this.provider = options.provider;
    this.retryAfterMs = options.retryAfterMs;
    this.unknownOutcome = options.unknownOutcome ?? false;
  }

  /** The same, naming whose it is. */
  from(provider: string): Fault {
    const { providerCode, retryAfterMs, unknownOutcome, cause } = this;
    return new Fault(this.code, {
      provider,
      unknownOutcome,
      ...(providerCode === undefined ? {} : { providerCode }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(cause === undefined ? {} : { cause }),
    });
  }
}

/** Our own bug. It stops the job and pages; it is never retried into silence. */
export class Assertion extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Assertion";
  }
}

/** Stops with an Assertion when `condition` does not hold. Stays on in production. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Assertion(message);
}
