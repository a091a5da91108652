import fc from "fast-check";
import { expect, test } from "vitest";
import { isRefusal } from "../refusal.ts";
import { joinCause } from "./joining.ts";
import type { PlanFacts } from "./plan-facts.ts";
import { planRotation } from "./plan.ts";
import { exposure } from "./rotation.fixture.ts";
import { situation } from "./situations.fixture.ts";
import { severityOf, type PlannedStep, type StepKind } from "./rotation.ts";

const planned = (given: PlanFacts): readonly PlannedStep[] => {
  const plan = planRotation(given);
  return isRefusal(plan) ? [] : plan;
};

const indexOf = (steps: readonly PlannedStep[], kind: StepKind, number?: number): number =>
  steps.findIndex(
    (step) => step.kind === kind && (number === undefined || step.version === number),
  );

const holds = (check: (given: PlanFacts, steps: readonly PlannedStep[]) => void): void =>
  fc.assert(
    fc.property(situation, (given) => {
      const steps = planned(given);
      if (steps.length > 0) check(given, steps);
    }),
    { numRuns: 2_000 },
  );

test("every plan ends with one attestation and plans no step twice", () => {
  holds((_given, steps) => {
    const keys = steps.map((step) => step.key);
    expect(keys.at(-1)).toBe("attest");
    expect(new Set(keys).size).toBe(keys.length);
  });
});

test("every dying version is proven dead and ended exactly once", () => {
  holds((given, steps) => {
    for (const number of given.dying)
      for (const kind of ["prove", "revoke"] as const)
        expect(steps.filter((step) => step.kind === kind && step.version === number)).toHaveLength(
          1,
        );
  });
});

test("only planned work is ever refused", () => {
  fc.assert(
    fc.property(situation, (given) => {
      if (isRefusal(planRotation(given))) expect(severityOf(given)).toBe("planned");
    }),
    { numRuns: 2_000 },
  );
});

test("after its irreversible end nothing but the proof is asked of a version", () => {
  holds((_given, steps) => {
    for (const [index, step] of steps.entries()) {
      if (step.kind !== "revoke") continue;
      const after = steps.slice(index + 1).filter((later) => later.version === step.version);
      expect(after.filter((later) => later.kind !== "prove")).toEqual([]);
    }
  });
});

test("a version is minted before it is verified and verified before it is promoted and announced", () => {
  holds((given, steps) => {
    if (given.successor === undefined) return;
    const order = ["mint", "verify", "promote", "announce"] as const;
    const places = order
      .map((kind) => indexOf(steps, kind, given.successor))
      .filter((place) => place >= 0);
    expect(places).toEqual([...places].sort((left, right) => left - right));
    const cutover = indexOf(steps, "cutover", given.successor);
    expect(cutover >= 0 || indexOf(steps, "mint", given.successor) >= 0).toBe(true);
    expect(indexOf(steps, "verify", given.successor)).toBeGreaterThan(cutover);
  });
});

test("a version in use that is not contained ends only after its consumers were waited for", () => {
  holds((given, steps) => {
    const { strategy } = given.capabilities;
    if (given.wanted === "none" || strategy === "in-place") return;
    if (given.credential.consumers.length === 0) return;
    for (const known of given.versions) {
      const used =
        (known.label === "current" || known.label === "previous") && known.life === "valid";
      if (!used || known.exposedAt !== undefined || !given.dying.includes(known.number)) continue;
      const drained = indexOf(steps, "drain");
      expect(drained).toBeGreaterThanOrEqual(0);
      for (const kind of ["retire", "revoke"] as const) {
        const place = indexOf(steps, kind, known.number);
        if (place >= 0) expect(place).toBeGreaterThan(drained);
      }
    }
  });
});

test("only exposed versions are contained, and a contained one is not retired as well", () => {
  holds((given, steps) => {
    for (const step of steps.filter((candidate) => candidate.kind === "contain")) {
      const known = given.versions.find((candidate) => candidate.number === step.version);
      expect(known?.exposedAt).toBeDefined();
      expect(indexOf(steps, "retire", step.version)).toBe(-1);
    }
  });
});

test("a shared identity is never ended before its value was replaced", () => {
  holds((given, steps) => {
    if (given.capabilities.strategy !== "in-place" || given.successor === undefined) return;
    const cutover = indexOf(steps, "cutover");
    expect(indexOf(steps, "retire")).toBe(-1);
    for (const step of steps.slice(0, cutover)) expect(step.kind).toBe("contain");
  });
});

test("another cause never takes a death away", () => {
  fc.assert(
    fc.property(
      situation,
      fc.record({ exposed: fc.subarray([1, 2, 3, 4]), ends: fc.boolean(), renews: fc.boolean() }),
      (given, cause) => {
        const before = {
          dying: given.dying,
          wanted: given.wanted,
          ...(given.successor === undefined ? {} : { successor: given.successor }),
        };
        const joined = joinCause(before, given.versions, {
          exposed: cause.exposed,
          wanted: cause.ends ? "none" : "successor",
          renews: cause.renews,
        });
        const versions = given.versions.map((known) =>
          cause.exposed.includes(known.number) ? { ...known, exposedAt: 60 } : known,
        );
        const causes = [...given.causes, ...(cause.exposed.length > 0 ? [exposure()] : [])];
        const deaths = (of: PlanFacts): readonly string[] =>
          planned(of).flatMap((step) => (step.kind === "revoke" ? [step.key] : []));
        const after = { ...given, ...joined, versions, causes };
        if (isRefusal(planRotation(after))) return;
        expect(deaths(after)).toEqual(expect.arrayContaining([...deaths(given)]));
      },
    ),
    { numRuns: 2_000 },
  );
});
