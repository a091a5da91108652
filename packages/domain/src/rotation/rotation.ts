import type { CaseId, CredentialId, RotationId } from "../ids.ts";
import type { Instant } from "../instant.ts";
import type { FaultCode } from "../fault.ts";
import type { Mode } from "../mode.ts";
import type { Confidence } from "../signal.ts";

export const stepKinds = [
  "contain",
  "stage",
  "mint",
  "cutover",
  "verify",
  "promote",
  "announce",
  "drain",
  "retire",
  "prove",
  "revoke",
  "reinstate",
  "attest",
] as const;
export type StepKind = (typeof stepKinds)[number];

/** One recorded, idempotent move of a plan. `key` is unique in the rotation: `prove#2`. */
export interface PlannedStep {
  readonly key: string;
  readonly kind: StepKind;
  /** The version it acts on; absent for attest. */
  readonly version?: number;
  readonly why: string;
}

/** A worker leaves alone a plan of a version it does not know. */
export const planVersion = 1;

export const causeKinds = ["exposure", "offboarding", "retirement", "schedule", "manual"] as const;
export type CauseKind = (typeof causeKinds)[number];

/** Why a rotation runs; it serves any number of cases. */
export interface Cause {
  readonly kind: CauseKind;
  readonly case: CaseId;
  readonly at: Instant;
  /** The version an exposure names; absent when it is not known which. */
  readonly version?: number;
  readonly public?: boolean;
  readonly confidence?: Confidence;
  /** Who reported it, and whether that feed's word counts as confirmation: the breaker asks. */
  readonly producer?: string;
  readonly trusted?: boolean;
  /** The people who approved its case, each once. */
  readonly approvedBy?: readonly string[];
}

export const waitReasons = [
  "consumers",
  "time",
  "window",
  "approval",
  "person",
  "provider",
] as const;
export type WaitReason = (typeof waitReasons)[number];

export const rotationStates = [
  "running",
  "waiting",
  "halted",
  "completed",
  "undone",
  "withdrawn",
  "would-have",
] as const;
export type RotationStateName = (typeof rotationStates)[number];

/** Why a rotation stopped for a person, and what is safe to do next. */
export interface Halt {
  readonly code: FaultCode;
  readonly reason: string;
  readonly nextSafeAction: string;
  readonly providerCode?: string;
}

export type RotationState =
  | { readonly at: "running" }
  | {
      readonly at: "waiting";
      readonly for: WaitReason;
      readonly until: Instant;
      readonly reason: string;
    }
  | { readonly at: "halted"; readonly halt: Halt }
  | { readonly at: "completed" }
  | { readonly at: "undone" }
  | { readonly at: "withdrawn"; readonly reason: string }
  | { readonly at: "would-have" };

/** A step that was intended and whose end is not recorded yet: confirm before doing it again. `intendedAt`: the first time since it is open. */
export interface OpenStep {
  readonly key: string;
  readonly attempt: number;
  readonly intendedAt: Instant;
}

/** When a long wait began: by PostgreSQL's time, and how much schedulers had counted by then (milliseconds). */
export interface WaitBegun {
  readonly since: Instant;
  readonly ticks: number;
}

/** One credential's way to a new version, or to none. */
export interface Rotation {
  readonly id: RotationId;
  readonly credential: CredentialId;
  /** Monotonic per credential; written into the store's and provider's metadata. */
  readonly number: number;
  readonly state: RotationState;
  readonly mode: Mode;
  /** Approved by a person where the mode is propose. */
  readonly approved: boolean;
  /** Distinct people who approved any of its cases; the breaker counts those of the case that asks. */
  readonly approvals?: number;
  readonly wanted: "successor" | "none";
  readonly causes: readonly Cause[];
  readonly dying: readonly number[];
  readonly successor?: number;
  readonly planVersion: number;
  readonly plan: readonly PlannedStep[];
  readonly done: readonly string[];
  readonly open?: OpenStep;
  /** Attempts of the step at hand that ended in a retriable fault. */
  readonly failures: number;
  readonly lastFault?: FaultCode;
  readonly dueAt: Instant;
  readonly startedAt: Instant;
  /** The relay's receipt of the announcement: grace counts from here. */
  readonly announcedAt?: Instant;
  readonly graceEndsAt?: Instant;
  /** Waits that also need ticks, by the key of the step that waits. */
  readonly waitsBegun?: Readonly<Record<string, WaitBegun>>;
  /** A person allowed to cut off consumers that have not moved. */
  readonly cutOff: boolean;
  /** Consumers cut off or moved, as recorded when drain ended. */
  readonly moved: readonly string[];
  readonly unmoved: readonly string[];
  /** A claim was lost: attest enumerates again after hold + deadline + propagation. */
  readonly claimsLost: number;
  /** When a hold was last found expired without a release; set by the ledger with `claimsLost`. */
  readonly lastClaimLostAt?: Instant;
  readonly undoing: boolean;
  readonly endedAt?: Instant;
}

export const terminalRotationStates: ReadonlySet<RotationStateName> = new Set([
  "completed",
  "undone",
  "withdrawn",
  "would-have",
]);

export const isTerminal = (rotation: Rotation): boolean =>
  terminalRotationStates.has(rotation.state.at);

/** An exposure makes it an incident; an end without successor a retirement; anything else is planned. */
export const severityOf = (
  rotation: Pick<Rotation, "causes" | "wanted">,
): "incident" | "retirement" | "planned" => {
  if (rotation.causes.some((cause) => cause.kind === "exposure")) return "incident";
  return rotation.wanted === "none" ? "retirement" : "planned";
};
