import {
  Assertion,
  Fault,
  backoffMs,
  alarmAtAttempt,
  faultCodes,
  isTerminal,
  planVersion,
  type Halt,
  type Hold,
  type Issuer,
  type Material,
  type PlannedStep,
  type RotationClaim,
  type RotationId,
} from "@rekey/domain";
import { HoldLost, keepHold } from "../hold.ts";
import type { EngineParts } from "../parts.ts";
import { steps } from "../steps/catalog.ts";
import { baselineOf, planVersionRow } from "../steps/stage.ts";
import type { StepContext, StepOutcome } from "../steps/step.ts";
import { absorbInputs } from "./absorb.ts";
import { nextMove, planNow, reserve, type Move } from "./move.ts";
import {
  apply,
  audit,
  commit,
  noteAttempt,
  openTurn,
  oweDeath,
  patchVersion,
  settleDeath,
  type Turn,
} from "./turn.ts";

/** Moves in one turn; more means a plan that does not shrink, which is our bug. */
const movesMax = 64;
/** A plan of a newer build is looked at again this late. */
const newerBuildLookMs = 30_000;

/** Claims a rotation and carries it as far as it goes: until it ends, waits, halts or is taken over. */
export const advanceRotation = async (
  parts: EngineParts,
  id: RotationId,
): Promise<"advanced" | "not-claimed"> => {
  const claim = await parts.ledger.claimRotation({ id, worker: parts.worker });
  if (claim === undefined) return "not-claimed";
  await runTurn(parts, claim, false);
  return "advanced";
};

/** Goes on with a rotation that intake's own commit claimed, its containment already intended. */
export const advanceHeld = async (parts: EngineParts, hold: Hold): Promise<void> => {
  const claim = await parts.ledger.heldRotation(hold);
  if (claim !== undefined) await runTurn(parts, claim, true);
};

const runTurn = async (
  parts: EngineParts,
  claim: RotationClaim,
  intended: boolean,
): Promise<void> => {
  const kept = keepHold(parts, claim.hold);
  try {
    await turnOf(openTurn(parts, claim, kept), intended);
  } catch (error) {
    if (error instanceof HoldLost || kept.signal.aborted) {
      parts.log.info("rotation taken over", {
        rotation: claim.rotation.id,
        credential: claim.credential.id,
      });
      return;
    }
    throw error;
  } finally {
    kept.stop();
  }
};

const turnOf = async (turn: Turn, intended: boolean): Promise<void> => {
  absorbInputs(turn, turn.claim.inputs);
  if (isTerminal(turn.rotation)) return await commit(turn, true);
  if (turn.rotation.planVersion > planVersion) {
    apply(
      turn,
      {
        type: "wait",
        for: "provider",
        until: turn.now + newerBuildLookMs,
        reason: "its plan was written by a newer build",
      },
      "left alone",
    );
    return await commit(turn, true);
  }
  const issuer = turn.parts.issuers.get(turn.claim.credential.issuer.instance);
  if (issuer === undefined) return await endInFault(turn, new Fault("CONFIG_MISSING"));
  if (turn.rotation.state.at !== "running") apply(turn, { type: "proceed" }, "due");
  await moves(turn, { issuer, intended, inMemory: new Map() });
};

interface Way {
  readonly issuer: Issuer;
  /** The open step's intent is already committed under this very claim. */
  intended: boolean;
  readonly inMemory: Map<number, Material>;
}

const moves = async (turn: Turn, way: Way): Promise<void> => {
  for (let moved = 0; moved < movesMax; moved += 1) {
    const plan = planNow(turn, way.issuer.capabilities);
    if (!("refused" in plan) && changed(turn, plan))
      apply(turn, { type: "plan", plan }, "planned from the facts at hand");
    const move = nextMove(turn, plan);
    if (move.move !== "perform") return await park(turn, move);
    const ended = await performOnce(turn, way, move.step);
    if (ended) return;
  }
  throw new Assertion("a rotation's plan does not shrink");
};

const changed = (turn: Turn, plan: readonly PlannedStep[]): boolean => {
  const before = turn.rotation.plan.filter((step) => !turn.rotation.done.includes(step.key));
  return (
    before.length !== plan.length || before.some((step, index) => step.key !== plan[index]?.key)
  );
};

const park = async (turn: Turn, move: Exclude<Move, { move: "perform" }>): Promise<void> => {
  switch (move.move) {
    case "wait":
      apply(
        turn,
        { type: "wait", for: move.for, until: move.until, reason: move.reason },
        move.reason,
      );
      break;
    case "halt":
      return await endInHalt(turn, move.halt);
    case "observe":
      for (const number of turn.rotation.dying) settleDeath(turn, number, "observed");
      apply(turn, { type: "observe" }, "its scope observes: this is what would have been done");
      break;
    case "complete":
      apply(turn, { type: "complete" }, "attested");
      break;
  }
  wakeCasesOf(turn);
  await commit(turn, true);
};

const wakeCasesOf = (turn: Turn): void => {
  for (const cause of turn.rotation.causes) turn.draft.wakeCases.add(cause.case);
};

/** One step: intend and record in one commit, perform, and take its end into the next commit. True when the turn is over. */
const performOnce = async (turn: Turn, way: Way, step: PlannedStep): Promise<boolean> => {
  const { failpoint } = turn.parts;
  try {
    const held = (await gateWait(turn, step)) ?? (await reserve(turn, step));
    if (held !== undefined && held.move !== "perform")
      return await park(turn, held).then(() => true);
    if (!way.intended) await intend(turn, way, step);
    way.intended = false;
    const attempt = turn.rotation.open?.attempt ?? 1;
    await failpoint(`${step.kind}.before-effect`);
    const context: StepContext = {
      turn,
      step,
      attempt,
      issuer: way.issuer,
      inMemory: way.inMemory,
    };
    const outcome = await steps[step.kind](context);
    await failpoint(`${step.kind}.after-effect`);
    await reportReached(turn, step);
    return await settle(turn, step, outcome);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return await endInFault(turn, error).then(() => true);
  }
};

/** No effect without its committed intent: recording the last step and intending this one is one commit. */
const intend = async (turn: Turn, way: Way, step: PlannedStep): Promise<void> => {
  const attempt =
    turn.rotation.open?.key === step.key
      ? turn.rotation.open.attempt + 1
      : turn.rotation.failures + 1;
  const context: StepContext = { turn, step, attempt, issuer: way.issuer, inMemory: way.inMemory };
  const again = turn.rotation.open?.key === step.key;
  if (step.kind === "announce" && again) return;
  const makes = step.kind === "stage" || step.kind === "mint" || step.kind === "cutover";
  if (makes) planVersionRow(context);
  const baseline =
    step.kind === "mint" || step.kind === "cutover" ? await baselineOf(context) : undefined;
  apply(turn, { type: "intend", key: step.key }, step.why);
  turn.draft.effects.push({
    rotation: turn.rotation.id,
    step: step.key,
    attempt,
    state: "intended",
    key: `${turn.rotation.id}/${step.kind}/${step.version ?? 0}/${attempt}`,
    ...(step.version === undefined ? {} : { version: step.version }),
    ...(baseline === undefined ? {} : { baseline }),
  });
  if (step.kind === "announce") turn.draft.announce = { version: step.version ?? 0 };
  if (step.kind === "revoke") markEnding(turn, step.version ?? -1);
  for (const number of turn.rotation.dying) oweDeath(turn, number, "dies in this rotation");
  await commit(turn, false);
  await turn.parts.failpoint(`${step.kind}.after-record`);
};

/** From its intent on, the irreversible end may have happened. */
const markEnding = (turn: Turn, number: number): void => {
  if (turn.versions.get(number)?.life === "ending") return;
  patchVersion(turn, number, { life: "ending" });
  audit(turn, "version.ending", { reason: "the irreversible end is asked", version: number });
};

const settle = async (turn: Turn, step: PlannedStep, outcome: StepOutcome): Promise<boolean> => {
  if (outcome.end === "wait") {
    apply(
      turn,
      { type: "wait", for: outcome.for, until: outcome.until, reason: outcome.reason },
      outcome.reason,
    );
    await commit(turn, true);
    return true;
  }
  const { open } = turn.rotation;
  apply(turn, { type: "confirm", key: step.key }, outcome.reason);
  turn.draft.effects.push({
    rotation: turn.rotation.id,
    step: step.key,
    attempt: open?.attempt ?? 1,
    state: "confirmed",
    key: `${turn.rotation.id}/${step.kind}/${step.version ?? 0}/${open?.attempt ?? 1}`,
    ...(step.version === undefined ? {} : { version: step.version }),
  });
  return false;
};

const endInFault = async (turn: Turn, fault: Fault): Promise<void> => {
  await reportToGate(turn, fault);
  const reason = faultCodes[fault.code].text;
  if (fault.action !== "retry") {
    const halt: Halt = { code: fault.code, reason, nextSafeAction: faultCodes[fault.code].next };
    return await endInHalt(
      turn,
      fault.providerCode === undefined ? halt : { ...halt, providerCode: fault.providerCode },
    );
  }
  const dueAt =
    turn.now + backoffMs(turn.rotation.failures, turn.parts.random(), fault.retryAfterMs ?? 0);
  const key = turn.rotation.open?.key ?? "";
  noteEffect(turn, fault);
  apply(turn, { type: "fail", key, code: fault.code, dueAt, settled: false }, reason);
  noteAttempt(turn, fault.code);
  if (turn.rotation.failures === alarmAtAttempt) notify(turn, fault.code, "today");
  wakeCasesOf(turn);
  turn.parts.log.warn("step will be tried again", {
    rotation: turn.rotation.id,
    credential: turn.rotation.credential,
    step: key,
    code: fault.code,
    providerCode: fault.providerCode ?? "",
  });
  await commit(turn, true);
};

/** An effect whose end is not known stays intended: the next attempt confirms it first. */
const noteEffect = (turn: Turn, fault: Fault): void => {
  const { open, id } = turn.rotation;
  if (open === undefined || fault.unknownOutcome) return;
  turn.draft.effects.push({
    rotation: id,
    step: open.key,
    attempt: open.attempt,
    state: "failed",
    key: `${id}/${open.key}/${open.attempt}`,
    fault: fault.code,
  });
};

const endInHalt = async (turn: Turn, halt: Halt): Promise<void> => {
  const dueAt = turn.now + backoffMs(turn.rotation.failures + 6, turn.parts.random());
  apply(turn, { type: "halt", halt, dueAt }, halt.reason);
  turn.rotation = { ...turn.rotation, failures: turn.rotation.failures + 1 };
  noteAttempt(turn, halt.code);
  notify(turn, halt.code, faultCodes[halt.code].action === "page" ? "page" : "today");
  wakeCasesOf(turn);
  turn.parts.log.warn("rotation halted", {
    rotation: turn.rotation.id,
    credential: turn.rotation.credential,
    code: halt.code,
    providerCode: halt.providerCode ?? "",
  });
  await commit(turn, true);
};

const notify = (turn: Turn, code: Halt["code"], urgency: "page" | "today"): void => {
  turn.draft.notices.push({
    to: urgency === "page" ? "on-call" : "owner",
    about: turn.rotation.credential,
    text: `${faultCodes[code].text}: ${faultCodes[code].next}`,
    dedupeKey: `${turn.rotation.id}/${code}`,
    urgency,
  });
};

/** Steps that never call the issuer go on while its gate is closed. */
const issuerless: ReadonlySet<string> = new Set(["stage", "promote", "announce", "drain"]);

const gateWait = async (turn: Turn, step: PlannedStep): Promise<Move | undefined> => {
  if (issuerless.has(step.kind) || turn.claim.gate.state === "open") return undefined;
  const { allowed, gate } = await turn.parts.ledger.gate(turn.claim.credential.issuer.instance);
  if (allowed) return undefined;
  return {
    move: "wait",
    for: "provider",
    until: gate.retryAt,
    reason: "the provider's gate is closed after failures",
  };
};

const unreachable: ReadonlySet<string> = new Set([
  "PROVIDER_UNREACHABLE",
  "PROVIDER_TIMEOUT",
  "PROVIDER_THROTTLED",
]);

/** A call that succeeded opens a gate that was not open. */
const reportReached = async (turn: Turn, step: PlannedStep): Promise<void> => {
  if (issuerless.has(step.kind) || turn.claim.gate.state === "open") return;
  await turn.parts.ledger.reportGate({
    issuer: turn.claim.credential.issuer.instance,
    ok: true,
    jitter: turn.parts.random(),
  });
};

const reportToGate = async (turn: Turn, fault: Fault): Promise<void> => {
  if (!fault.code.startsWith("PROVIDER_")) return;
  const ok = !unreachable.has(fault.code);
  if (ok && turn.claim.gate.state === "open") return;
  await turn.parts.ledger.reportGate({
    issuer: turn.claim.credential.issuer.instance,
    ok,
    jitter: turn.parts.random(),
  });
};
