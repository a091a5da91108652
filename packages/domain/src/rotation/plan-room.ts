import { isAlive } from "../version.ts";
import { containsFirst, type PlanFacts } from "./plan-facts.ts";
import { suspendable } from "./plan-deaths.ts";
import { dyingIn, exposedIn, isCurrent, isDone, isIdle, versionIn } from "./plan-steps.ts";

export interface Room {
  /** Versions that must be gone before the successor is minted. */
  readonly makers: readonly number[];
  /** True when even they do not suffice. */
  readonly short: boolean;
}

const noNeed: Room = { makers: [], short: false };

/** An alternating issuer has two identities; an in-place one never needs a second. */
const slotsOf = ({ capabilities }: PlanFacts): number | undefined => {
  if (capabilities.strategy === "in-place") return undefined;
  return capabilities.strategy === "alternating"
    ? Math.min(capabilities.versionsMax ?? 2, 2)
    : capabilities.versionsMax;
};

/** Exposed, and stopped before anything else: by policy, or because nobody uses it yet. */
export const isStopped = (facts: PlanFacts, number: number): boolean =>
  exposedIn(facts).includes(number) && (containsFirst(facts) || isIdle(facts, number));

/** A lower rank goes first; undefined: it may not make room. */
const rank = (facts: PlanFacts, number: number): number | undefined => {
  const exposed = exposedIn(facts).includes(number);
  if (isStopped(facts, number)) return isCurrent(facts, number) ? 1 : 0;
  if (exposed) return isCurrent(facts, number) ? 4 : 3;
  const life = versionIn(facts, number)?.life;
  const unused = isIdle(facts, number) || life === "suspended" || life === "ending";
  const nobodyLeft = unused || facts.credential.consumers.length === 0;
  return nobodyLeft && !isCurrent(facts, number) ? 2 : undefined;
};

/**
 * Who makes room where the provider allows no further live version: what is stopped anyway goes first, then
 * what nobody uses; the current version only when it is exposed.
 */
export const roomFor = (facts: PlanFacts, keep: number | undefined): Room => {
  const slots = slotsOf(facts);
  const { successor } = facts;
  if (slots === undefined || successor === undefined || isDone(facts, `mint#${successor}`))
    return noNeed;
  const others = facts.versions.filter(
    (version) =>
      isAlive(version) &&
      version.number !== successor &&
      !(isStopped(facts, version.number) && !suspendable(facts, version.number)),
  );
  const need = others.length - slots + 1;
  if (need <= 0) return noNeed;
  const ranked = dyingIn(facts)
    .filter((number) => number !== keep && others.some((version) => version.number === number))
    .map((number) => ({ number, rank: rank(facts, number) }))
    .flatMap(({ number, rank: place }) => (place === undefined ? [] : [{ number, place }]))
    .sort((left, right) => left.place - right.place);
  return {
    makers: ranked.slice(0, need).map(({ number }) => number),
    short: ranked.length < need,
  };
};
