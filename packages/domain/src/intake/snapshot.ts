import type { BreakerReservation, BreakerUse } from "../breaker.ts";
import type { Capabilities } from "../capabilities.ts";
import type { Case, CaseItem } from "../case/case.ts";
import type { Instant } from "../instant.ts";
import type { Identity } from "../inventory.ts";
import type { ModeSetting, Pause } from "../mode.ts";
import type { RotationOpening } from "../rotation/open.ts";
import type { SignalOutcome } from "../signal.ts";
import type { CaseKey, IntakeTarget } from "./subject.ts";

/** What the ledger read, under lock, before a signal is decided. */
export interface IntakeSnapshot {
  readonly now: Instant;
  readonly modes: readonly ModeSetting[];
  readonly pause: Pause;
  readonly target?: IntakeTarget;
  readonly identity?: Identity;
  readonly key?: CaseKey;
  /** The open case about the same, or the last closed one. */
  readonly case?: Case;
  readonly breakerUse: BreakerUse;
  readonly capabilities?: Capabilities;
  /** Declared credentials use the service in that environment. */
  readonly serviceKnown: boolean;
  readonly newCaseId: () => string;
}

/** What an intake decision writes, in one transaction with the signal itself. */
export interface IntakeDecision {
  readonly outcome: SignalOutcome;
  readonly reason: string;
  readonly open?: Case;
  readonly join?: Case;
  readonly items: readonly CaseItem[];
  /** Urgent admission: the rotation is born claimed, or the active one is escalated. */
  readonly urgent?: { readonly opening: RotationOpening; readonly reservation: BreakerReservation };
  /** Consumers of this service were deployed: drains may go on. */
  readonly deployed?: {
    readonly service: string;
    readonly environment: string;
    readonly at: Instant;
  };
}
