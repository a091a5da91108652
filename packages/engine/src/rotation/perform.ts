import { Fault, type Issuer, type Material, type PlannedStep } from "@rekey/domain";
import { steps } from "../steps/catalog.ts";
import { baselineOf, planVersionRow } from "../steps/stage.ts";
import type { StepContext, StepOutcome } from "../steps/step.ts";
import { endInFault } from "./faults.ts";
import { reserve } from "./move.ts";
import { park } from "./park.ts";
import { gateWait, reportReached } from "./provider-gate.ts";
import { apply, audit, commit, oweDeath, patchVersion, type Turn } from "./turn.ts";

/** What a turn carries from step to step. */
export interface Way {
  readonly issuer: Issuer;
  /** The open step's intent is already committed under this very claim. */
  intended: boolean;
  readonly inMemory: Map<number, Material>;
}

/** One step: intend and record in one commit, perform, and take its end into the next commit. True when the turn is over. */
export const performOnce = async (turn: Turn, way: Way, step: PlannedStep): Promise<boolean> => {
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
