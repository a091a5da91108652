import type { PlanFacts } from "./plan-facts.ts";
import { isDone, step, versionIn } from "./plan-steps.ts";
import type { PlannedStep } from "./rotation.ts";

/** A version that was never minted or whose end was asked cannot be suspended any more. */
export const suspendable = (facts: PlanFacts, number: number): boolean => {
  const life = versionIn(facts, number)?.life ?? "valid";
  return facts.capabilities.canSuspend && (life === "valid" || life === "suspended");
};

const proven = (facts: PlanFacts, number: number): boolean => isDone(facts, `prove#${number}`);

const prove = (facts: PlanFacts, number: number): PlannedStep =>
  step(
    "prove",
    number,
    facts.capabilities.canProbe
      ? "refused when tried from outside, with controls"
      : "absent from the provider's list, twice",
  );

const revoke = (number: number): PlannedStep => step("revoke", number, "end it irreversibly");

/** Ends the use of a version now: suspended where that is possible, else ended. */
export const stopNow = (facts: PlanFacts, number: number): readonly PlannedStep[] => {
  if (!suspendable(facts, number)) return [revoke(number)];
  return proven(facts, number) ? [] : [step("contain", number, "exposed: stop its use now")];
};

/** The reversible stop of versions nobody needs any more; nothing where there is no such stop. */
export const retire = (facts: PlanFacts, numbers: readonly number[]): readonly PlannedStep[] =>
  numbers
    .filter((number) => suspendable(facts, number) && !proven(facts, number))
    .map((number) => step("retire", number, "suspend it: still reversible"));

/**
 * Proofs and irreversible ends of stopped versions. Where nothing could be suspended or nothing can be
 * probed, the end comes before its proof.
 */
export const end = (facts: PlanFacts, numbers: readonly number[]): readonly PlannedStep[] => [
  ...numbers.filter((number) => endsFirst(facts, number)).map(revoke),
  ...numbers.map((number) => prove(facts, number)),
  ...numbers.filter((number) => !endsFirst(facts, number)).map(revoke),
];

const endsFirst = (facts: PlanFacts, number: number): boolean =>
  !suspendable(facts, number) || !facts.capabilities.canProbe;

/** As much of it as frees a place at the provider; a proof that follows the end need not be waited for. */
export const free = (facts: PlanFacts, numbers: readonly number[]): readonly PlannedStep[] => [
  ...numbers.filter((number) => !endsFirst(facts, number)).map((number) => prove(facts, number)),
  ...numbers.map(revoke),
];

/** The death of values that a cutover replaced: suspending them would suspend the one identity they share. */
export const endReplaced = (
  facts: PlanFacts,
  numbers: readonly number[],
): readonly PlannedStep[] => {
  const endsBefore = (number: number): boolean => {
    const life = versionIn(facts, number)?.life;
    return !facts.capabilities.canProbe || life === "planned" || life === "ending";
  };
  return [
    ...numbers.filter(endsBefore).map(revoke),
    ...numbers.map((number) => prove(facts, number)),
    ...numbers.filter((number) => !endsBefore(number)).map(revoke),
  ];
};
