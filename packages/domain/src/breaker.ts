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

export interface BreakerUse {
  readonly kills: number;
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
  | { readonly allowed: true }
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
  if (question.approvals >= breakerApprovals) return { allowed: true };
  const { limits, use } = question;
  if (question.kind === "containment" && use.containments < limits.containmentsMax)
    return { allowed: true };
  if (use.kills >= limits.killsMax)
    return {
      allowed: false,
      reason: `${use.kills} of ${limits.killsMax} revocations without a successor are used in this window`,
    };
  if (question.kind === "kill") return { allowed: true };
  const confirmed =
    (question.confidence === "valid" && question.trustedFeed) || question.producers >= 2;
  if (confirmed) return { allowed: true };
  return {
    allowed: false,
    reason: `the first ${limits.containmentsMax} containments of this producer are used and the exposure is not confirmed`,
  };
};
