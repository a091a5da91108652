import type { Case, CaseItem, CaseWaitReason, Obligation } from "../case/case.ts";
import type { CaseId, CredentialId, IssuerId, SignalId } from "../ids.ts";
import type { Instant } from "../instant.ts";
import type { Credential } from "../inventory.ts";
import type { Pause } from "../mode.ts";
import type { Policy } from "../policy.ts";
import type { Rotation, WaitReason } from "../rotation/rotation.ts";
import type { SignalOutcome } from "../signal.ts";
import type { Version } from "../version.ts";
import type { Lane } from "./jobs.ts";
import type { ConsumerView } from "./ledger-work.ts";

export interface Page {
  readonly after?: string;
  readonly limit: number;
}

/** Audit events behind a position, all of them or those about one credential or case. */
export interface AuditPage {
  readonly after?: number;
  readonly limit: number;
  readonly credential?: CredentialId;
  readonly case?: CaseId;
}

export interface CredentialView {
  readonly credential: Credential;
  readonly policy: Policy;
  readonly versions: readonly Version[];
  readonly active?: Rotation;
  readonly consumers: readonly ConsumerView[];
}

export interface CaseView {
  readonly case: Case;
  readonly items: readonly CaseItem[];
  /** Every one that served an item of this case, in the order of items and of numbers; an item names its last. */
  readonly rotations: readonly Rotation[];
  readonly versions: readonly Version[];
  readonly obligations: readonly Obligation[];
}

export interface SignalRow {
  readonly id: SignalId;
  readonly outcome: SignalOutcome;
  readonly reason: string;
  readonly source: string;
  readonly eventId: string;
  readonly receivedAt: Instant;
  readonly case?: CaseId;
  readonly problems: readonly { readonly path: string; readonly reason: string }[];
}

/** What stands still and why, for figures: nothing is decided by it. */
export interface Standing {
  /** Rotations that stopped for a person. */
  readonly rotationsHalted: number;
  readonly rotationsWaiting: Readonly<Record<WaitReason, number>>;
  readonly casesHalted: number;
  readonly casesWaiting: Readonly<Record<CaseWaitReason, number>>;
  /** Providers whose gate is not open, in order of their names. */
  readonly gatesShut: readonly IssuerId[];
  readonly pause: Pick<Pause, "paused" | "all">;
}

export interface Backlog {
  readonly due: Readonly<Record<Lane, number>>;
  readonly oldestDebtMs?: number;
  /** Since it is known of the oldest leak that nobody has seen stopped: no try of that version was refused. */
  readonly oldestUncontainedMs?: number;
  readonly debtOpen: number;
  readonly outboxUnsent: number;
}
