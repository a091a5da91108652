import type {
  CaseId,
  CredentialId,
  IdentityId,
  ObligationId,
  RotationId,
  WatchId,
} from "../ids.ts";
import type { Instant } from "../instant.ts";
import type { FaultCode } from "../fault.ts";
import type { Mode } from "../mode.ts";
import { waitReasons, type Cause, type Halt } from "../rotation/rotation.ts";

export const caseKinds = ["incident", "offboarding", "retirement", "campaign"] as const;
export type CaseKind = (typeof caseKinds)[number];

export const caseSteps = ["resolve", "expand", "admit", "wave", "enumerate", "close"] as const;
export type CaseStep = (typeof caseSteps)[number];

export const caseStates = ["running", "waiting", "halted", "closed"] as const;
export type CaseStateName = (typeof caseStates)[number];

export const caseOutcomes = [
  "proven-dead",
  "rotated",
  "would-have",
  "dismissed",
  "nothing-owed",
] as const;
export type CaseOutcome = (typeof caseOutcomes)[number];

/** A case waits for what a rotation waits for, or for its rotations. */
export const caseWaitReasons = [...waitReasons, "rotations"] as const;
export type CaseWaitReason = (typeof caseWaitReasons)[number];

export type CaseState =
  | { readonly at: "running" }
  | {
      readonly at: "waiting";
      readonly for: CaseWaitReason;
      readonly until: Instant;
      readonly reason: string;
    }
  | { readonly at: "halted"; readonly halt: Halt }
  | { readonly at: "closed"; readonly outcome: CaseOutcome; readonly reason: string };

/** One credential in a case's scope, and the rotation that serves it. */
export interface CaseItem {
  readonly credential: CredentialId;
  /** The version an incident is about. */
  readonly version?: number;
  readonly wanted: "successor" | "none";
  readonly wave: number;
  readonly rotation?: RotationId;
  /** `left`: still used by another consumer, untouched. */
  readonly outcome?: "ended" | "halted" | "would-have" | "withdrawn" | "left";
}

/** One cause and all that follows from it. Unique by (kind, about, episode). */
export interface Case {
  readonly id: CaseId;
  readonly kind: CaseKind;
  /** `payments-db#3`, an identity, `service@environment`, or `policy@day`. */
  readonly about: string;
  readonly episode: number;
  readonly step: CaseStep;
  readonly state: CaseState;
  readonly mode: Mode;
  readonly cause: Omit<Cause, "case">;
  /** The producer whose signal opened it: mode and containment budgets are per producer too. */
  readonly producer: string;
  readonly requestedBy?: string;
  readonly approvedBy: readonly string[];
  readonly identity?: IdentityId;
  readonly service?: string;
  readonly environment?: string;
  readonly signals: number;
  /** How far expand has come: rows in id order, at most 500 a commit. */
  readonly cursor?: string;
  readonly wave: number;
  readonly failures: number;
  readonly lastFault?: FaultCode;
  readonly dueAt: Instant;
  readonly openedAt: Instant;
  readonly occurredAt: Instant;
  readonly closedAt?: Instant;
}

/** One version that must die, with owner, age and next attempt; all of them are the debt. */
export interface Obligation {
  readonly id: ObligationId;
  readonly case: CaseId;
  /** Absent on the obligation intake writes for a whole case, until expand names the versions. */
  readonly credential?: CredentialId;
  readonly version?: number;
  readonly owner?: IdentityId;
  readonly openedAt: Instant;
  readonly dueAt: Instant;
  readonly attempts: number;
  readonly lastReason?: string;
  readonly settledAt?: Instant;
  readonly settledBy?: ObligationSettlement;
}

export const obligationSettlements = [
  "proof",
  "exception",
  "expanded",
  "observed",
  "dismissed",
] as const;
export type ObligationSettlement = (typeof obligationSettlements)[number];

export const watchStates = ["watching", "reopened", "ended"] as const;
export type WatchStateName = (typeof watchStates)[number];

/** Later probes of what was proven dead: 1 h, 24 h, 7 d. At its end the store's probe material is destroyed. */
export interface Watch {
  readonly id: WatchId;
  readonly credential: CredentialId;
  readonly version: number;
  readonly rotation: RotationId;
  readonly state: WatchStateName;
  /** Probes done so far: an index into the plan of waits. */
  readonly probes: number;
  readonly failures: number;
  readonly startedAt: Instant;
  readonly dueAt: Instant;
  readonly endedAt?: Instant;
}
