import { breakerScope, faultCodes, type FaultCode, type PlannedStep } from "@rekey/domain";
import { audit, type Turn } from "./turn.ts";

const code: FaultCode = "BREAKER_OPEN";

/** What lets held work go on, for the reason that people read. */
export const waysOut =
  "two people's `rekey case approve`, `breaker` in the policy or the window's end lets it go on";

/** Pages the approvers and records that the breaker refused, once per wait: looking again says nothing new. */
export const noteHeld = (turn: Turn, step: PlannedStep, reason: string): void => {
  if (waitsAlready(turn, reason)) return;
  const { credential, rotation } = turn.claim;
  const scope = breakerScope(credential.environment, credential.issuer.instance);
  audit(turn, "breaker.held", {
    reason,
    ...(step.version === undefined ? {} : { version: step.version }),
    detail: { code, scope, step: step.key },
  });
  turn.draft.notices.push({
    to: "approvers",
    about: credential.id,
    text: `${faultCodes[code].text}, so ${step.key} is held: ${reason}`,
    dedupeKey: `${rotation.id}/${code}/${step.key}`,
    urgency: "page",
  });
  turn.parts.log.warn("held by the breaker", {
    rotation: rotation.id,
    credential: credential.id,
    step: step.key,
    code,
  });
};

const waitsAlready = ({ claim }: Turn, reason: string): boolean => {
  const { state } = claim.rotation;
  return state.at === "waiting" && state.for === "approval" && state.reason === reason;
};
