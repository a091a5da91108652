import fc from "fast-check";
import { expect, test } from "vitest";
import { isRefusal } from "../refusal.ts";
import { isAlive, versionLifeTransitions, type Version, type VersionLife } from "../version.ts";
import { decideRotation } from "./decide.ts";
import type { PlanFacts } from "./plan-facts.ts";
import { reversedBy } from "./plan-steps.ts";
import { planRotation } from "./plan.ts";
import { rotation, version } from "./rotation.fixture.ts";
import type { PlannedStep } from "./rotation.ts";
import { situation } from "./situations.fixture.ts";

/** More steps than any plan of three versions has. */
const stepsMax = 64;

const live = (known: Version, life: VersionLife): Version => {
  if (known.life !== life && !versionLifeTransitions[known.life].includes(life))
    throw new Error(`${known.life} does not become ${life}`);
  return { ...known, life };
};

const promoted = (versions: readonly Version[], number: number): readonly Version[] =>
  versions.map((known) => {
    if (known.number === number) return { ...known, label: "current" };
    return known.label === "current" ? { ...known, label: "previous" } : known;
  });

const made = (versions: readonly Version[], number: number): readonly Version[] =>
  versions.some((known) => known.number === number)
    ? versions
    : [...versions, version(number, { label: "pending", life: "planned" })];

/** What a step that succeeds makes of the versions. */
const effect = (given: PlanFacts, step: PlannedStep): readonly Version[] => {
  const number = step.version ?? 0;
  const change = (life: VersionLife, of = given.versions): readonly Version[] =>
    of.map((known) => (known.number === number ? live(known, life) : known));
  const subject = given.versions.find((known) => known.number === number);
  switch (step.kind) {
    case "contain":
    case "retire":
      return change("suspended");
    case "reinstate":
      return change("valid");
    case "stage":
      return made(given.versions, number);
    case "mint":
      return change("valid", made(given.versions, number));
    case "cutover":
      return promoted(change("valid", made(given.versions, number)), number);
    case "promote":
      return promoted(given.versions, number);
    case "prove":
      return subject?.life === "ending" ? change("revoked") : given.versions;
    case "revoke": {
      const ending = change("ending");
      return given.done.includes(`prove#${number}`) ? change("revoked", ending) : ending;
    }
    default:
      return given.versions;
  }
};

const after = (given: PlanFacts, step: PlannedStep): PlanFacts => ({
  ...given,
  versions: effect(given, step),
  done: [...given.done.filter((key) => !reversedBy(step.key).includes(key)), step.key],
});

const plannedFor = (given: PlanFacts): readonly PlannedStep[] => {
  const plan = planRotation(given);
  if (isRefusal(plan)) throw new Error(plan.reason);
  return plan;
};

/** Plans anew before every step, as the engine does, until nothing is left. */
const course = (given: PlanFacts, steps = stepsMax): { keys: string[]; end: PlanFacts } => {
  const keys: string[] = [];
  let end = given;
  for (let taken = 0; taken < steps; taken += 1) {
    const [step] = plannedFor(end);
    if (step === undefined) break;
    keys.push(step.key);
    end = after(end, step);
  }
  return { keys, end };
};

const aliveAfter = (end: PlanFacts): readonly number[] =>
  end.versions.filter(isAlive).map((known) => known.number);

test("planning anew after every step carries out the plan that was shown first", () => {
  fc.assert(
    fc.property(situation, (given) => {
      const shown = planRotation(given);
      if (isRefusal(shown)) return;
      expect(course(given).keys).toEqual(shown.map((step) => step.key));
    }),
    { numRuns: 3_000 },
  );
});

test("when a plan has run, one version is alive and current, or none where none was wanted", () => {
  fc.assert(
    fc.property(situation, (given) => {
      if (isRefusal(planRotation(given))) return;
      const { end } = course(given);
      const stays = end.versions.filter((known) => known.label === "current" && isAlive(known));
      expect(aliveAfter(end)).toEqual(stays.map((known) => known.number));
      expect(stays).toHaveLength(given.wanted === "none" ? 0 : 1);
      for (const number of given.dying)
        expect(end.versions.find((known) => known.number === number)?.life).toBe("revoked");
    }),
    { numRuns: 3_000 },
  );
});

test("an undo from any point before the irreversible end leaves the old version alone, current and working", () => {
  let undone = 0;
  fc.assert(
    fc.property(situation, fc.nat({ max: 12 }), (given, steps) => {
      if (isRefusal(planRotation(given))) return;
      const { end } = course(given, steps);
      const { dying, done, versions, successor } = end;
      const active = rotation({ dying, done, ...(successor === undefined ? {} : { successor }) });
      if (isRefusal(decideRotation(active, { type: "undo" }, { now: 1, versions }))) return;
      const old = given.versions
        .filter((known) => known.label === "current")
        .map((known) => known.number);
      const back = course({
        ...end,
        undoing: true,
        done: done.filter((key) => key !== "attest"),
      }).end;
      expect(aliveAfter(back)).toEqual(old);
      for (const number of old)
        expect(back.versions.find((known) => known.number === number)).toMatchObject({
          label: "current",
          life: given.capabilities.canSuspend ? "valid" : expect.any(String),
        });
      undone += 1;
    }),
    { numRuns: 3_000 },
  );
  expect(undone).toBeGreaterThan(50);
});
