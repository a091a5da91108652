import type { CredentialId, SignalId } from "./ids.ts";
import type { Instant } from "./instant.ts";

export const signalKinds = [
  "exposure",
  "offboarding",
  "lifecycle",
  "usage",
  "moved",
  "manual",
  "schedule",
] as const;
export type SignalKind = (typeof signalKinds)[number];

export const dispositions = [
  "act",
  "resolve",
  "note",
  "update",
  "close",
  "verify",
  "manual",
  "ack",
  "ignore",
  "reject",
  "quarantine",
] as const;
export type Disposition = (typeof dispositions)[number];

/** What `act` means for this signal. */
export const signalEffects = [
  "expose",
  "end",
  "suspend",
  "end-sessions",
  "advance",
  "hold",
  "rollback",
  "retire",
  "end-job",
  "register",
  "deregister",
  "confirm",
  "rotate",
] as const;
export type SignalEffect = (typeof signalEffects)[number];

export const subjectTypes = [
  "human",
  "partner",
  "service",
  "workload",
  "job",
  "app",
  "agent",
  "environment",
  "repository",
  "credential",
] as const;
export type SubjectType = (typeof subjectTypes)[number];

export const severities = ["critical", "high", "medium", "low", "info"] as const;
export type Severity = (typeof severities)[number];

/** "How bad" is not "is it live": whether the source says that the secret still works. */
export const confidences = ["valid", "invalid", "unknown"] as const;
export type Confidence = (typeof confidences)[number];

export interface SubjectId {
  readonly scheme: string;
  readonly value: string;
}

/** One way to find the version that a signal is about; best first. */
export interface Locator {
  readonly scheme: string;
  readonly value: string;
  readonly authority?: string;
}

export interface SignalSource {
  readonly system: string;
  readonly tenant?: string;
  readonly feed: string;
  /** Keyed digest (HMAC under the pepper), 64 hex digits, of the bytes that were verified. */
  readonly rawDigest: string;
}

/** How the producer proved itself; bounds what its signals may cause. */
export interface SignalAuthentication {
  readonly producer: string;
  readonly method: "local-socket" | "jwt" | "mtls" | "signed-record" | "topic-acl" | "none";
  /** A feed whose word counts as confirmation when containment is over budget. */
  readonly trusted: boolean;
}

/** The canonical signal (formats.md): what every producer's format becomes. Never holds a secret. */
export interface Signal {
  /** The producer's own event id; unique together with `source.system` and `source.feed`. */
  readonly eventId: string;
  readonly kind: SignalKind;
  readonly disposition: Disposition;
  readonly effect?: SignalEffect;
  readonly subject?: { readonly type: SubjectType; readonly ids: readonly SubjectId[] };
  readonly locators: readonly Locator[];
  readonly environment?: string;
  readonly public: boolean;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly occurredAt: Instant;
  readonly effectiveAt?: Instant;
  readonly confidentiality: "open" | "restricted";
  readonly evidenceUrl?: string;
  readonly dedupeKey: string;
  readonly correlation?: string;
  readonly reason?: string;
  readonly source: SignalSource;
}

/** A signal at the door of the ledger, with what only the edge knows. */
export interface ReceivedSignal {
  readonly id: SignalId;
  readonly signal: Signal;
  /** SHA-256 of the canonical JSON: the same (source, event id) with another digest is quarantined. */
  readonly canonicalDigest: string;
  readonly authentication: SignalAuthentication;
  readonly coordinates: string;
}

/** Exactly one per accepted signal (I5). */
export const signalOutcomes = ["opened", "joined", "noted", "refused", "quarantined"] as const;
export type SignalOutcome = (typeof signalOutcomes)[number];

/** Something that could not be understood or trusted: digest and coordinates are kept, never the body. */
export interface RejectedInput {
  readonly id: SignalId;
  readonly source: string;
  readonly coordinates: string;
  readonly digest: string;
  readonly outcome: "refused" | "quarantined";
  readonly reason: string;
  readonly problems: readonly { readonly path: string; readonly reason: string }[];
}

/** The scheme by which Rekey's own credential and version are named in a locator. */
export const rekeyLocatorScheme = "rekey";

/** `payments-db` or `payments-db#3`. */
export const parseRekeyLocator = (
  value: string,
): { credential: CredentialId; version?: number } | undefined => {
  const match = /^([a-z0-9][a-z0-9._-]{0,62})(?:#([1-9][0-9]{0,8}))?$/.exec(value);
  if (match?.[1] === undefined) return undefined;
  const credential = match[1] as CredentialId;
  return match[2] === undefined ? { credential } : { credential, version: Number(match[2]) };
};
