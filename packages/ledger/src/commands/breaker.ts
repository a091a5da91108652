import {
  askBreaker,
  reservationKey,
  type BreakerAnswer,
  type BreakerRequest,
  type BreakerUse,
} from "@rekey/domain";
import type { Draft } from "../rows/draft.ts";

/** What the window has used: kills of the whole scope, containments of this producer in it. */
export const breakerUse = (
  draft: Draft,
  window: { readonly scope: string; readonly producer: string; readonly windowMs: number },
): BreakerUse => {
  const recent = draft
    .rows("reservations")
    .filter((row) => row.scope === window.scope && row.reservedAt > draft.now - window.windowMs);
  return {
    kills: recent.filter((row) => row.charged === "kills").length,
    containments: recent.filter(
      (row) => row.charged === "containments" && row.producer === window.producer,
    ).length,
  };
};

/** Asks the breaker under the scope's lock and books what it allows: one version in one case counts once. */
export const reserve = (draft: Draft, request: BreakerRequest): BreakerAnswer => {
  const { reservation, limits, approvals, confidence, trustedFeed, producers } = request;
  const { scope, producer, kind } = reservation;
  const key = reservationKey(reservation);
  const booked = draft.get("reservations", key);
  if (booked !== undefined) return { allowed: true, charged: booked.charged };
  const use = breakerUse(draft, { scope, producer, windowMs: limits.windowMs });
  const answer = askBreaker({ limits, use, kind, approvals, confidence, trustedFeed, producers });
  if (!answer.allowed) return answer;
  const { charged } = answer;
  draft.put("reservations", { key, scope, producer, kind, charged, reservedAt: draft.now });
  return answer;
};
