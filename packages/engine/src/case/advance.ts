import {
  adviceOf,
  alarmAtAttempt,
  Assertion,
  backoffMs,
  Fault,
  isApproved,
  type CaseClaim,
  type CaseId,
  type CaseStep,
  type Input,
} from "@rekey/domain";
import { HoldLost, keepHold } from "../hold.ts";
import { takenUp } from "../idle-look.ts";
import type { EngineParts } from "../parts.ts";
import { busyLookMs, ProviderBusy } from "../provider-share.ts";
import { saidBy } from "../said-by.ts";
import {
  applyCase,
  commitCase,
  openCaseTurn,
  settleCaseObligations,
  settleObserved,
  tryApplyCase,
  type CaseTurn,
} from "./case-turn.ts";
import { admit, close, enumerate, expand, resolve } from "./steps.ts";
import { wave, type CaseStepOutcome } from "./wave.ts";

const caseStepOf: Readonly<Record<CaseStep, (turn: CaseTurn) => Promise<CaseStepOutcome>>> = {
  resolve,
  expand,
  admit,
  wave,
  enumerate,
  close,
};

/** Rounds in one turn: 10,000 credentials expand in twenty, the rest is bounded by the steps. */
const roundsMax = 1_000;

/** Claims a case and carries it as far as it goes. */
export const advanceCase = async (
  parts: EngineParts,
  id: CaseId,
): Promise<"advanced" | "not-claimed"> => {
  const heldSinceMs = parts.clock.monotonicMs();
  const claim = await parts.ledger.claimCase({ id, worker: parts.worker });
  if (claim === undefined) return "not-claimed";
  await runTurn(parts, claim, heldSinceMs);
  return "advanced";
};

const runTurn = async (
  parts: EngineParts,
  claim: CaseClaim,
  heldSinceMs: number,
): Promise<void> => {
  const kept = keepHold(parts, claim.hold, heldSinceMs);
  const turn = openCaseTurn(parts, claim, kept);
  try {
    await rounds(turn);
  } catch (error) {
    if (error instanceof Assertion) throw error;
    if (error instanceof HoldLost || kept.signal.aborted) {
      parts.log.info("case taken over", { case: claim.case.id });
      return;
    }
    if (error instanceof ProviderBusy) return await comeAgain(turn, error);
    if (!(error instanceof Fault) || error.code === "LEDGER_UNREACHABLE") throw error;
    await endInFault(turn, error);
  } finally {
    kept.stop();
  }
};

const rounds = async (turn: CaseTurn): Promise<void> => {
  for (const { seq, input } of turn.claim.inputs) {
    turn.draft.inputsConsumed.push(seq);
    await absorb(turn, input);
  }
  if (turn.case.state.at === "closed") return await commitCase(turn, true);
  if (turn.case.state.at !== "running") applyCase(turn, { type: "proceed" }, takenUp);
  for (let round = 0; round < roundsMax; round += 1) {
    await turn.parts.failpoint(`case.${turn.case.step}.before`);
    if ((await caseStepOf[turn.case.step](turn)) === "over") return;
  }
  throw new Assertion("a case does not come to an end of its turn");
};

const absorb = async (turn: CaseTurn, input: Input): Promise<void> => {
  if (input.type === "approve") {
    const wasApproved = isApproved(turn.case);
    const refusal = tryApplyCase(
      turn,
      { type: "approve", by: input.by },
      saidBy("approved", input),
    );
    if (refusal !== undefined) return;
    turn.approvedNow = isApproved(turn.case);
    if (!turn.approvedNow) return;
    // Rotations hear of nobody until it is enough, and then of everybody.
    const people = wasApproved ? [input.by] : turn.case.approvedBy;
    const { reason: _own, ...unexplained } = input;
    for (const by of people)
      await tellRotations(turn, by === input.by ? input : { ...unexplained, by });
  }
  if (input.type === "dismiss") {
    const refusal = tryApplyCase(
      turn,
      { type: "dismiss", reason: input.reason },
      saidBy("dismissed", input),
    );
    if (refusal !== undefined) return;
    settleCaseObligations(turn, "dismissed");
    settleObserved(turn, "dismissed");
    await tellRotations(turn, input);
  }
};

/** Rotations hear of it by an input of their own, twice after a crash; one that has ended has nothing to hear. */
const tellRotations = async (
  turn: CaseTurn,
  input: Extract<Input, { type: "approve" | "dismiss" }>,
): Promise<void> => {
  const actor = {
    id: input.by,
    authenticated: "internal" as const,
    roles: [],
  };
  for (const item of turn.items) {
    if (item.rotation === undefined || item.outcome !== undefined) continue;
    await turn.parts.ledger.appendInput({
      target: { kind: "rotation", id: item.rotation },
      input: { ...input, case: turn.case.id },
      actor,
    });
  }
};

/** Nothing was asked, so nothing failed. */
const comeAgain = async (turn: CaseTurn, { message: reason }: ProviderBusy): Promise<void> => {
  const until = turn.now + busyLookMs("planned");
  applyCase(turn, { type: "wait", for: "provider", until, reason }, reason);
  await commitCase(turn, true);
};

const endInFault = async (turn: CaseTurn, fault: Fault): Promise<void> => {
  const dueAt =
    turn.now + backoffMs(turn.case.failures, turn.parts.random(), fault.retryAfterMs ?? 0);
  const { text, next } = adviceOf(fault);
  if (fault.action === "retry") applyCase(turn, { type: "fail", code: fault.code, dueAt }, text);
  else
    applyCase(
      turn,
      { type: "halt", halt: { code: fault.code, reason: text, nextSafeAction: next }, dueAt },
      text,
    );
  tellOwner(turn, fault);
  turn.parts.log.warn("case step will be tried again", {
    case: turn.case.id,
    step: turn.case.step,
    code: fault.code,
  });
  await commitCase(turn, true);
};

/** People hear of what halts at once, and of what keeps failing at the third attempt. */
const tellOwner = (turn: CaseTurn, fault: Fault): void => {
  const { code, action } = fault;
  const { text, next } = adviceOf(fault);
  if (action === "retry" && turn.case.failures !== alarmAtAttempt) return;
  turn.draft.notices.push({
    to: action === "page" ? "on-call" : "owner",
    about: turn.case.about,
    text: `${text}: ${next}`,
    dedupeKey: `${turn.case.id}/${code}`,
    urgency: action === "page" ? "page" : "today",
  });
};
