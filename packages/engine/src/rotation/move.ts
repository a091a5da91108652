import {
  breakerScope,
  distinctApprovals,
  isRefusal,
  modeInForce,
  planningWindow,
  planRotation,
  severityOf,
  type Cause,
  type Halt,
  type Instant,
  type PlannedStep,
  type PlanFacts,
  type Refusal,
  type WaitReason,
} from "@rekey/domain";
import { revokeWait } from "../steps/revoke.ts";
import { noteHeld, waysOut } from "./breaker-held.ts";
import type { Turn } from "./turn.ts";

/** What a turn does next. */
export type Move =
  | { readonly move: "perform"; readonly step: PlannedStep }
  | {
      readonly move: "wait";
      readonly for: WaitReason;
      readonly until: Instant;
      readonly reason: string;
    }
  | { readonly move: "halt"; readonly halt: Halt }
  | { readonly move: "observe" }
  | { readonly move: "complete" };

/** How soon a paused or gated rotation looks again; lifting the pause and opening the gate wake it earlier. */
const lookAgainMs = 5_000;
/** A wish that waits for a person is looked at again this late. */
const personLookMs = 3_600_000;

const planFacts = (turn: Turn, capabilities: PlanFacts["capabilities"]): PlanFacts => ({
  credential: turn.claim.credential,
  policy: turn.claim.policy,
  capabilities,
  causes: turn.rotation.causes,
  wanted: turn.rotation.wanted,
  versions: [...turn.versions.values()],
  dying: turn.rotation.dying,
  successor: turn.rotation.successor,
  done: turn.rotation.done,
  undoing: turn.rotation.undoing,
});

/** The remaining plan, or why there is none. A rotation of a plan version this build does not know is left alone. */
export const planNow = (
  turn: Turn,
  capabilities: PlanFacts["capabilities"],
): readonly PlannedStep[] | Refusal => planRotation(planFacts(turn, capabilities));

const isContainment = (step: PlannedStep): boolean => step.kind === "contain";

const pauseWait = (turn: Turn, step: PlannedStep): Move | undefined => {
  const { pause } = turn;
  const exempt = severityOf(turn.rotation) === "incident" && !pause.all;
  if (!pause.paused || exempt) return undefined;
  return {
    move: "wait",
    for: "person",
    until: turn.now + lookAgainMs,
    reason: `paused before ${step.key}: ${pause.reason ?? "no reason given"}`,
  };
};

const windowWait = (turn: Turn): Move | undefined => {
  const started = turn.rotation.done.length > 0 || turn.rotation.open !== undefined;
  if (started || severityOf(turn.rotation) !== "planned") return undefined;
  const answer = planningWindow(turn.claim.policy, turn.now);
  if (!answer.open)
    return { move: "wait", for: "window", until: answer.until, reason: answer.reason };
  const notBefore = turn.rotation.startedAt + turn.claim.policy.noticeMs;
  return turn.now < notBefore
    ? { move: "wait", for: "time", until: notBefore, reason: "the owner's notice is not over" }
    : undefined;
};

/** Kills of versions without a verified, promoted successor are counted before they are done. */
const needsReservation = (turn: Turn, step: PlannedStep): boolean => {
  if (step.kind !== "contain" && step.kind !== "retire" && step.kind !== "revoke") return false;
  const { successor, done } = turn.rotation;
  return (
    successor === undefined ||
    !done.includes(`verify#${successor}`) ||
    !done.some((key) => key === `promote#${successor}` || key === `cutover#${successor}`)
  );
};

export interface Reserve {
  (turn: Turn, step: PlannedStep): Promise<Move | undefined>;
}

/** The exposure that asks for it, the surest one first; else whatever started the rotation. */
const chargedCause = (turn: Turn, step: PlannedStep): Cause | undefined => {
  const { causes } = turn.rotation;
  const exposures = causes.filter((cause) => cause.kind === "exposure");
  const named = exposures.filter(({ version }) => version === step.version);
  const candidates = named.length > 0 ? named : exposures;
  return (
    candidates.find((cause) => cause.confidence === "valid" && cause.trusted === true) ??
    candidates[0] ??
    causes[0]
  );
};

/** Distinct producers that reported an exposure; a schedule or a wish reports nothing. */
const reportersOf = ({ rotation }: Turn): number =>
  new Set(
    rotation.causes.flatMap((cause) => (cause.kind === "exposure" ? (cause.producer ?? []) : [])),
  ).size;

/** Asks the breaker once per version and case; a refusal parks the rotation for a person. */
export const reserve: Reserve = async (turn, step) => {
  if (!needsReservation(turn, step) || turn.claim.credential.control) return undefined;
  const { credential, policy } = turn.claim;
  const cause = chargedCause(turn, step);
  if (cause === undefined || turn.rotation.undoing) return undefined;
  const answer = await turn.parts.ledger.reserve(turn.claim.hold, {
    reservation: {
      scope: breakerScope(credential.environment, credential.issuer.instance),
      producer: cause.producer ?? "unknown",
      credential: credential.id,
      version: step.version ?? 0,
      case: cause.case,
      kind: isContainment(step) ? "containment" : "kill",
    },
    limits: policy.breaker,
    approvals: distinctApprovals(cause.approvedBy ?? []),
    confidence: cause.confidence ?? "unknown",
    trustedFeed: cause.trusted ?? false,
    producers: reportersOf(turn),
  });
  if (answer.allowed) return undefined;
  const reason = `${answer.reason}; ${waysOut}`;
  noteHeld(turn, step, reason);
  const until = turn.now + Math.min(personLookMs, policy.breaker.windowMs);
  return { move: "wait", for: "approval", until, reason };
};

/** The next move of a running rotation: what the plan says, unless mode, pause, window or time say wait. */
export const nextMove = (turn: Turn, plan: readonly PlannedStep[] | Refusal): Move => {
  const { rotation } = turn;
  if (isRefusal(plan))
    return {
      move: "halt",
      halt: {
        code: "PLAN_IMPOSSIBLE",
        reason: plan.reason,
        nextSafeAction:
          "change the policy or the issuer's capabilities, then `rekey rotation resume`",
      },
    };
  const mode = modeNow(turn);
  if (mode === "observe") return { move: "observe" };
  if (mode === "propose" && !rotation.approved)
    return {
      move: "wait",
      for: "approval",
      until: turn.now + personLookMs,
      reason: "its scope proposes: `rekey case approve` starts it",
    };
  const [step] = plan;
  if (step === undefined) return { move: "complete" };
  const waiting = pauseWait(turn, step) ?? windowWait(turn) ?? timeWait(turn, plan);
  return waiting ?? { move: "perform", step };
};

/** Every end that is to come begins to be counted with the first, so that they do not wait for each other. */
const timeWait = (turn: Turn, plan: readonly PlannedStep[]): Move | undefined => {
  if (plan[0]?.kind !== "revoke") return undefined;
  const ends = plan.filter((step) => step.kind === "revoke");
  const [wait] = ends.map((step) => revokeWait(turn, step.version ?? -1));
  return wait?.end === "wait"
    ? { move: "wait", for: wait.for, until: wait.until, reason: wait.reason }
    : undefined;
};

/** Restricting a scope takes hold of what has not begun; what has begun goes on to its safe end. */
const modeNow = (turn: Turn): Turn["rotation"]["mode"] => {
  const { credential } = turn.claim;
  const begun = turn.rotation.done.length > 0 || turn.rotation.open !== undefined;
  if (begun || credential.control || turn.rotation.mode !== "act") return turn.rotation.mode;
  const producer = turn.rotation.causes[0]?.producer;
  const inForce = modeInForce(turn.claim.modes, {
    ...(producer === undefined ? {} : { producer }),
    environment: credential.environment,
    issuer: credential.issuer.instance,
    credential: credential.id,
  });
  return inForce === "act" && credential.protected ? "propose" : inForce;
};
