import {
  type Call,
  type Detail,
  type Instant,
  type Issuer,
  type Material,
  type PlannedStep,
  type ProviderVersion,
  type Store,
  type Version,
  type WaitReason,
} from "@rekey/domain";
import { callDeadlineMaxMs } from "../hold.ts";
import { keptAt, readKept } from "../material.ts";
import type { Ahead } from "../rotation/ahead.ts";
import { versionOf, type Turn } from "../rotation/turn.ts";

/** How a step ended. Faults are thrown. */
export type StepOutcome =
  | { readonly end: "done"; readonly reason: string; readonly detail?: Detail }
  | {
      readonly end: "wait";
      readonly for: WaitReason;
      readonly until: Instant;
      readonly reason: string;
    };

/** One recorded, idempotent move. It awaits nothing but ports, and is safe to run again after a crash at any line. */
export interface StepContext {
  readonly turn: Turn;
  readonly step: PlannedStep;
  readonly attempt: number;
  /** It was intended before: what an earlier attempt did is not known. */
  readonly again: boolean;
  readonly issuer: Issuer;
  /** PostgreSQL's time when something is seen, as far as a running step can tell. */
  readonly seenAt: () => Instant;
  /** The same, never earlier than the truth: for what is over by then. */
  readonly overAt: () => Instant;
  /** What began before the turn did. */
  readonly ahead?: Ahead | undefined;
  /** Values that live in this process only between mint and stage. */
  readonly inMemory: Map<number, Material>;
}

export type Step = (context: StepContext) => Promise<StepOutcome>;

export const done = (reason: string, detail?: Detail): StepOutcome =>
  detail === undefined ? { end: "done", reason } : { end: "done", reason, detail };

/** The version a step of the plan acts on. */
export const subjectOf = (context: StepContext): Version =>
  versionOf(context.turn, context.step.version ?? -1);

/** One outside call: a fresh deadline within the hold, and the key that makes a repetition the same effect. */
export const callFor = (context: StepContext): Call => {
  const { turn, step, attempt } = context;
  return {
    signal: turn.kept.signal,
    deadlineMs: Math.min(turn.kept.callDeadlineMs(), callDeadlineMaxMs),
    key: `${turn.rotation.id}/${step.kind}/${step.version ?? 0}/${attempt}`,
  };
};

/** The version by its provider's name; undefined where it never got one, so that nothing of it is there. */
export const providerVersionOf = (
  context: StepContext,
  version: Version,
): ProviderVersion | undefined => {
  const { credential } = context.turn.claim;
  const { settings } = credential.issuer;
  const ref = { credential: credential.id, version: version.number };
  const principal = version.principal ?? context.issuer.principalOf(ref, settings);
  const { rotation } = version;
  return principal === undefined ? undefined : { ref, principal, settings, rotation };
};

export const storeOf = ({ parts, claim }: Turn): Store | undefined =>
  keptAt(parts.stores, claim.credential)?.store;

/** The value of a version as this step or the store keeps it; undefined where there is none to try. */
export const materialOf = async (
  context: StepContext,
  version: Version,
): Promise<Material | undefined> => {
  const { parts, claim } = context.turn;
  const subject = { credential: claim.credential, version };
  const held = context.inMemory.get(version.number);
  if (held !== undefined) return held;
  const kept = await readKept(parts.stores, subject, () => callFor(context));
  context.turn.storeAnswered = true;
  return kept;
};

/** Public keys of those who may read what is staged. */
export const readersOf = (turn: Turn): readonly string[] =>
  turn.claim.consumers.flatMap(({ consumer }) => consumer.reader ?? []);

/** `suspended` where the version was valid; a version that was never minted keeps its life. */
export const suspendedLife = (version: Version): Pick<Version, "life"> => ({
  life: version.life === "valid" ? "suspended" : version.life,
});
