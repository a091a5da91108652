import { askBreaker, breakerScope, type BreakerReservation } from "../breaker.ts";
import type { Case } from "../case/case.ts";
import { exposureResponse } from "../rotation/plan-facts.ts";
import type { Cause } from "../rotation/rotation.ts";
import type { ReceivedSignal } from "../signal.ts";
import { isAlive } from "../version.ts";
import type { IntakeDecision, IntakeSnapshot } from "./snapshot.ts";

/**
 * Urgent admission: an exposure of exactly one known, living version in mode act, within the containment
 * budget, is contained by the very commit that took it in. Undefined: it goes the long way.
 */
export const urgentFor = (
  received: ReceivedSignal,
  snapshot: IntakeSnapshot,
  opened: Case,
): IntakeDecision["urgent"] => {
  const { target, capabilities } = snapshot;
  if (
    received.signal.disposition !== "act" ||
    opened.state.at !== "running" ||
    opened.kind !== "incident" ||
    opened.mode !== "act" ||
    target?.version === undefined ||
    !target.versions.some((version) => version.number === target.version && isAlive(version)) ||
    capabilities?.canSuspend !== true
  )
    return undefined;
  if (snapshot.pause.paused && snapshot.pause.all) return undefined;
  const cause: Cause = { ...opened.cause, case: opened.id };
  if (
    exposureResponse({ credential: target.credential, policy: target.policy, causes: [cause] }) !==
    "contain-first"
  )
    return undefined;
  const reservation: BreakerReservation = {
    scope: breakerScope(target.credential.environment, target.credential.issuer.instance),
    producer: received.authentication.producer,
    credential: target.credential.id,
    version: target.version,
    case: opened.id,
    kind: "containment",
  };
  const answer = askBreaker({
    limits: target.policy.breaker,
    use: snapshot.breakerUse,
    kind: "containment",
    approvals: 0,
    confidence: received.signal.confidence,
    trustedFeed: received.authentication.trusted,
    producers: 1,
  });
  if (!answer.allowed) return undefined;
  const wanted = target.credential.ended ? "none" : "successor";
  return {
    opening: {
      credential: target.credential.id,
      cause,
      exposed: [target.version],
      wanted,
      mode: "act",
      approved: false,
    },
    reservation,
  };
};
