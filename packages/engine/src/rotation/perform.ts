import {
  Fault,
  laneOf,
  type EffectEntry,
  type Issuer,
  type Material,
  type PlannedStep,
} from "@rekey/domain";
import { HoldLost } from "../hold.ts";
import { busyLookMs, ProviderBusy } from "../provider-share.ts";
import { steps } from "../steps/catalog.ts";
import { baselineOf } from "../steps/lost-mint.ts";
import { planVersionRow } from "../steps/stage.ts";
import type { StepContext, StepOutcome } from "../steps/step.ts";
import { timeOver, timeSeen } from "../steps/time-seen.ts";
import type { Ahead } from "./ahead.ts";
import { endInFault } from "./faults.ts";
import { reserve } from "./move.ts";
import { park } from "./park.ts";
import { settleOpenStep } from "./open-step.ts";
import { gateWait, reportReached } from "./provider-gate.ts";
import { apply, audit, commit, journal, oweDeath, patchVersion, type Turn } from "./turn.ts";

/** What a turn carries from step to step. */
export interface Way {
  readonly issuer: Issuer;
  /** Claimed by intake's commit, which also intended the open step. */
  born: boolean;
  readonly ahead?: Ahead | undefined;
  readonly inMemory: Map<number, Material>;
}

/** One step: intend and record in one commit, perform, and take its end into the next commit. True when the turn is over. */
export const performOnce = async (turn: Turn, way: Way, step: PlannedStep): Promise<boolean> => {
  const { failpoint } = turn.parts;
  try {
    const intended = way.born && turn.rotation.open?.key === step.key;
    // The commit that intended a containment has reserved it: the same question would get the same answer.
    // The gate comes last: whom it lets through, asks.
    const held = (intended ? undefined : await reserve(turn, step)) ?? (await gateWait(turn, step));
    if (held !== undefined && held.move !== "perform")
      return await park(turn, held).then(() => true);
    if (await settleOpenStep(contextOf(turn, way, { step, again: true }), step)) return false;
    const before = effectsOf(turn, step);
    way.born = false;
    if (!intended) await intend(turn, way, step);
    await failpoint(`${step.kind}.before-effect`);
    const again = !intended && before.length > 0;
    const outcome = await steps[step.kind](contextOf(turn, way, { step, again }));
    await failpoint(`${step.kind}.after-effect`);
    if (turn.kept.signal.aborted) throw new HoldLost();
    await reportReached(turn, step);
    return await settle(turn, step, outcome);
  } catch (error) {
    if (error instanceof ProviderBusy) return await comeAgain(turn, error).then(() => true);
    return await endInFault(turn, recordable(turn, error)).then(() => true);
  }
};

/** Nothing failed: the step, if it is open, is asked again when others are through. */
const comeAgain = async (turn: Turn, { message: reason }: ProviderBusy): Promise<void> => {
  if (turn.kept.signal.aborted) throw new HoldLost();
  const until = turn.now + busyLookMs(laneOf(turn.rotation));
  await park(turn, { move: "wait", for: "provider", until, reason });
};

/** The faults that a turn may record. Its own ledger's failures, our bugs and what an aborted call says are none. */
const recordable = (turn: Turn, error: unknown): Fault => {
  if (!(error instanceof Fault) || error.code === "LEDGER_UNREACHABLE") throw error;
  if (turn.kept.signal.aborted || error.code === "HOLD_LOST") throw new HoldLost();
  return error;
};

const effectsOf = (turn: Turn, { key }: PlannedStep): readonly EffectEntry[] =>
  turn.effects.filter((effect) => effect.step === key);

const contextOf = (
  turn: Turn,
  { issuer, ahead, inMemory }: Way,
  { step, again }: Pick<StepContext, "step" | "again">,
): StepContext => ({
  turn,
  step,
  again,
  attempt: turn.rotation.open?.attempt ?? 1,
  issuer,
  seenAt: timeSeen(turn),
  overAt: timeOver(turn),
  ahead,
  inMemory,
});

const effectKey = (turn: Turn, step: PlannedStep, attempt: number): string =>
  `${turn.rotation.id}/${step.kind}/${step.version ?? 0}/${attempt}`;

/** No effect without its committed intent: recording the last step and intending this one is one commit. */
const intend = async (turn: Turn, way: Way, step: PlannedStep): Promise<void> => {
  const again = turn.rotation.open?.key === step.key;
  if (step.kind === "announce" && again) return;
  const context = contextOf(turn, way, { step, again });
  if (makes(step) || step.kind === "stage") planVersionRow(context);
  const baseline = makes(step) ? await firstBaseline(context) : undefined;
  apply(turn, { type: "intend", key: step.key }, step.why);
  const attempt = turn.rotation.open?.attempt ?? 1;
  journal(turn, {
    step: step.key,
    attempt,
    state: "intended",
    key: effectKey(turn, step, attempt),
    ...(step.version === undefined ? {} : { version: step.version }),
    ...(baseline === undefined ? {} : { baseline }),
  });
  if (step.kind === "announce") turn.draft.announce = { version: step.version ?? 0 };
  if (step.kind === "revoke") markEnding(turn, step.version ?? -1);
  for (const number of turn.rotation.dying) oweDeath(turn, number, "dies in this rotation");
  await commit(turn, false);
  await turn.parts.failpoint(`${step.kind}.after-record`);
};

const makes = ({ kind }: PlannedStep): boolean => kind === "mint" || kind === "cutover";

/** What an earlier attempt made is absent from the first baseline only: later ones already hold it. */
const firstBaseline = async (context: StepContext): Promise<readonly string[]> =>
  effectsOf(context.turn, context.step).find((effect) => effect.baseline !== undefined)?.baseline ??
  (await baselineOf(context));

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
  const attempt = turn.rotation.open?.attempt ?? 1;
  apply(turn, { type: "confirm", key: step.key }, outcome);
  journal(turn, {
    step: step.key,
    attempt,
    state: "confirmed",
    key: effectKey(turn, step, attempt),
    ...(step.version === undefined ? {} : { version: step.version }),
  });
  return false;
};
