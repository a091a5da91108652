import { refuse, type Refusal } from "../refusal.ts";
import type { Version } from "../version.ts";
import { end, retire, stopNow } from "./plan-deaths.ts";
import type { PlanFacts } from "./plan-facts.ts";
import {
  attestation,
  dyingIn,
  isCurrent,
  isDone,
  step,
  stepBack,
  versionIn,
} from "./plan-steps.ts";
import type { PlannedStep } from "./rotation.ts";

type Undoable = Pick<PlanFacts, "versions" | "successor">;

/** The version that readers go back to: the current one, or where the new one is current the one before it. */
export const undoTarget = ({ versions, successor }: Undoable): Version | undefined => {
  const older = versions.filter(
    (version) =>
      version.number !== successor && (version.life === "valid" || version.life === "suspended"),
  );
  return (
    older.find((version) => version.label === "current") ??
    older
      .filter((version) => version.label === "previous")
      .sort((left, right) => right.number - left.number)[0]
  );
};

const impossible = (facts: PlanFacts, target: Version | undefined): Refusal | undefined => {
  const { successor } = facts;
  if (target?.exposedAt !== undefined) return refuse("EXPOSED");
  if (successor === undefined) return undefined;
  if (isDone(facts, `cutover#${successor}`))
    return refuse("UNSUPPORTED", "the new value took the old one's place: the old one is gone");
  return target === undefined && isCurrent(facts, successor)
    ? refuse("WRONG_STATE", "there is no version to go back to")
    : undefined;
};

/** Readers go back, consumers are told, and only when they have moved back does the new version end. */
const wayBack = (facts: PlanFacts, to: number): readonly PlannedStep[] => {
  const from = facts.successor;
  if (from === undefined) return [];
  const current = isCurrent(facts, from);
  const leaked = versionIn(facts, from)?.exposedAt !== undefined;
  const told = current || isDone(facts, `promote#${from}`);
  const consumers = told && facts.credential.consumers.length > 0;
  return [
    ...(current ? [stepBack("promote", { to, from }, "readers go back to it")] : []),
    ...(leaked ? stopNow(facts, from) : []),
    ...(consumers ? [stepBack("announce", { to, from }, "tell consumers to go back to it")] : []),
    ...(consumers ? [stepBack("drain", { to, from }, "wait until consumers have moved back")] : []),
  ];
};

/**
 * The way back of a rotation whose irreversible part has not begun: the old version works again, readers and
 * consumers return to it, and the new one dies. Never for an exposed version.
 */
export const planUndo = (facts: PlanFacts): readonly PlannedStep[] | Refusal => {
  const target = undoTarget(facts);
  const refusal = impossible(facts, target);
  if (refusal !== undefined) return refusal;
  const { successor } = facts;
  const made = successor !== undefined && versionIn(facts, successor) !== undefined;
  const ended = [...new Set([...dyingIn(facts), ...(made ? [successor] : [])])].filter(
    (number) => number !== target?.number && versionIn(facts, number)?.life !== "revoked",
  );
  const reinstates = target !== undefined && facts.capabilities.canSuspend;
  return [
    ...(reinstates ? [step("reinstate", target.number, "the old version works again")] : []),
    ...(target === undefined ? [] : wayBack(facts, target.number)),
    ...retire(
      facts,
      ended.filter((number) => versionIn(facts, number)?.exposedAt === undefined),
    ),
    ...end(facts, ended),
    attestation,
  ];
};
