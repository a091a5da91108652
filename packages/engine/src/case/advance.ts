import {
  Assertion,
  backoffMs,
  Fault,
  faultCodes,
  type CaseClaim,
  type CaseId,
  type CaseStep,
  type Input,
} from "@rekey/domain";
import { HoldLost, keepHold } from "../hold.ts";
import type { EngineParts } from "../parts.ts";
import {
  applyCase,
  commitCase,
  openCaseTurn,
  settleCaseObligations,
  tryApplyCase,
  type CaseTurn,
} from "./case-turn.ts";
import { admit, close, enumerate, expand, resolve, wave, type CaseStepOutcome } from "./steps.ts";

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
  const claim = await parts.ledger.claimCase({ id, worker: parts.worker });
  if (claim === undefined) return "not-claimed";
  await runTurn(parts, claim);
  return "advanced";
};

const runTurn = async (parts: EngineParts, claim: CaseClaim): Promise<void> => {
  const kept = keepHold(parts, claim.hold);
  const turn = openCaseTurn(parts, claim, kept);
  try {
    await rounds(turn);
  } catch (error) {
    if (error instanceof Fault) return await endInFault(turn, error);
    if (!(error instanceof HoldLost) && !kept.signal.aborted) throw error;
    parts.log.info("case taken over", { case: claim.case.id });
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
  if (turn.case.state.at !== "running") applyCase(turn, { type: "proceed" }, "due");
  for (let round = 0; round < roundsMax; round += 1) {
    await turn.parts.failpoint(`case.${turn.case.step}.before`);
    if ((await caseStepOf[turn.case.step](turn)) === "over") return;
  }
  throw new Assertion("a case does not come to an end of its turn");
};

const absorb = async (turn: CaseTurn, input: Input): Promise<void> => {
  if (input.type === "approve") {
    const refusal = tryApplyCase(
      turn,
      { type: "approve", by: input.by },
      `approved by ${input.by}`,
    );
    if (refusal === undefined) await tellRotations(turn, input);
  }
  if (input.type === "dismiss") {
    const refusal = tryApplyCase(
      turn,
      { type: "dismiss", reason: input.reason },
      `dismissed by ${input.by}: ${input.reason}`,
    );
    if (refusal !== undefined) return;
    settleCaseObligations(turn, "dismissed");
    await tellRotations(turn, input);
  }
};

/** Rotations hear of it by an input of their own; one that has ended has nothing to hear. */
const tellRotations = async (turn: CaseTurn, input: Input): Promise<void> => {
  const actor = {
    id: "by" in input ? input.by : "rekey",
    authenticated: "internal" as const,
    roles: [],
  };
  for (const item of turn.items) {
    if (item.rotation === undefined || item.outcome !== undefined) continue;
    const told = input.type === "dismiss" ? { ...input, case: turn.case.id } : input;
    await turn.parts.ledger.appendInput({
      target: { kind: "rotation", id: item.rotation },
      input: told,
      actor,
    });
  }
};

const endInFault = async (turn: CaseTurn, fault: Fault): Promise<void> => {
  const dueAt =
    turn.now + backoffMs(turn.case.failures, turn.parts.random(), fault.retryAfterMs ?? 0);
  const { text, next } = faultCodes[fault.code];
  if (fault.action === "retry") applyCase(turn, { type: "fail", code: fault.code, dueAt }, text);
  else
    applyCase(
      turn,
      { type: "halt", halt: { code: fault.code, reason: text, nextSafeAction: next }, dueAt },
      text,
    );
  turn.parts.log.warn("case step will be tried again", {
    case: turn.case.id,
    step: turn.case.step,
    code: fault.code,
  });
  await commitCase(turn, true);
};
