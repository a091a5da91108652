import type { BreakerLimits } from "./policy.ts";
import type { Confidence } from "./signal.ts";

/** One kill or suspension without a verified, promoted successor, reserved before it is done. */
export interface BreakerReservation {
  /** `environment × issuer`, the default scope. */
  readonly scope: string;
  readonly producer: string;
  readonly credential: string;
  readonly version: number;
  readonly case: string;
  readonly kind: "containment" | "kill";
}

/** What a window has used so far, the asked one not counted. */
export interface BreakerUse {
  /** Of the scope, charged to N: kills, and containments that were allowed beyond C. */
  readonly kills: number;
  /** Of this producer in the scope, charged to C. */
  readonly containments: number;
}

export interface BreakerQuestion {
  readonly limits: BreakerLimits;
  readonly use: BreakerUse;
  readonly kind: BreakerReservation["kind"];
  /** Two distinct people approved the case. */
  readonly approvals: number;
  readonly confidence: Confidence;
  readonly trustedFeed: boolean;
  /** Distinct producers that reported it. */
  readonly producers: number;
}

export type BreakerAnswer =
  | {
      readonly allowed: true;
      /** The budget a reservation is counted in: `kills` is N, `containments` is C; `approval` is outside both. */
      readonly charged: "kills" | "containments" | "approval";
    }
  | { readonly allowed: false; readonly reason: string };

/** People whose approval lifts the breaker for one case. */
export const breakerApprovals = 2;

/** The key that makes a reservation idempotent: one version in one case counts once. */
export const reservationKey = (reservation: BreakerReservation): string =>
  `${reservation.scope}/${reservation.credential}#${reservation.version}/${reservation.case}`;

export const breakerScope = (environment: string, issuer: string): string =>
  `${environment} × ${issuer}`;

/**
 * Bounded blast radius: never more than N without two people's approval. The first C containments of a
 * producer have a budget of their own; above C only confirmed exposures go on within N, the rest is held.
 */
export const askBreaker = (question: BreakerQuestion): BreakerAnswer => {
  if (question.approvals >= breakerApprovals) return { allowed: true, charged: "approval" };
  const { limits, use } = question;
  if (question.kind === "containment" && use.containments < limits.containmentsMax)
    return { allowed: true, charged: "containments" };
  if (use.kills >= limits.killsMax)
    return {
      allowed: false,
      reason: `${use.kills} of ${limits.killsMax} revocations without a successor are used in this window`,
    };
  if (question.kind === "kill") return { allowed: true, charged: "kills" };
  const confirmed =
    (question.confidence === "valid" && question.trustedFeed) || question.producers >= 2;
  if (confirmed) return { allowed: true, charged: "kills" };
  return {
    allowed: false,
    reason: `the first ${limits.containmentsMax} containments of this producer are used and the exposure is not confirmed`,
  };
};
