import fc from "fast-check";
import { expect, test } from "vitest";
import { caseId, credentialId, rotationId } from "../ids.ts";
import { isRefusal } from "../refusal.ts";
import type { Version } from "../version.ts";
import { decideRotation } from "./decide.ts";
import { evolveRotation } from "./evolve.ts";
import { joinCause, nextVersionNumber, versionsAliveSince, withoutCause } from "./joining.ts";
import { bornRotation, escalationOf, laneOf, markExposed, type RotationOpening } from "./open.ts";
import { planRotation } from "./plan.ts";
import {
  exposure,
  facts,
  keysOf,
  offboarding,
  rotation,
  schedule,
  version,
} from "./rotation.fixture.ts";
import type { Cause, Rotation } from "./rotation.ts";

const joins = (part: Partial<Rotation>, versions: readonly Version[], cause: Partial<Cause>) => {
  const exposed = cause.version === undefined ? [] : [cause.version];
  const from = rotation({ dying: [1], successor: 2, ...part });
  const command = {
    type: "escalate" as const,
    escalation: {
      cause: { ...exposure(), ...cause },
      versions: exposed,
      wanted: cause.kind === "offboarding" ? ("none" as const) : ("successor" as const),
    },
  };
  const event = decideRotation(from, command, { now: 2_000, versions });
  if (isRefusal(event)) throw new Error(event.reason);
  const next = evolveRotation(from, event);
  const marked = versions.map((known) => markExposed(known, exposed, 2_000));
  const plan = planRotation(
    facts({
      causes: next.causes,
      wanted: next.wanted,
      dying: next.dying,
      successor: next.successor,
      done: next.done,
      undoing: next.undoing,
      versions: marked,
    }),
  );
  return { next, plan: isRefusal(plan) ? plan.refused : keysOf(plan).join(" ") };
};

const arrived = ["stage#2", "mint#2", "verify#2"];
const promoted = [...arrived, "promote#2", "announce#2"];
const beforePromotion = [version(1), version(2, { label: "pending" })];
const afterPromotion = [version(1, { label: "previous" }), version(2)];
const seen = { public: true };
const replacement = "stage#3 mint#3 verify#3 promote#3 announce#3";

test("the old version leaks while draining: it is contained and its death does not wait for drain", () => {
  const { next, plan } = joins({ done: promoted }, afterPromotion, { version: 1, ...seen });
  expect(next).toMatchObject({ dying: [1], successor: 2, wanted: "successor" });
  expect(plan).toBe("contain#1 prove#1 revoke#1 drain#2 attest");
});

test("the successor leaks before promotion: it is discarded and another one is made", () => {
  const { next, plan } = joins({ done: arrived }, beforePromotion, { version: 2, ...seen });
  expect(next).toMatchObject({ dying: [1, 2], successor: 3 });
  expect(plan).toBe(
    `contain#2 ${replacement} prove#2 revoke#2 drain#3 retire#1 prove#1 revoke#1 attest`,
  );
});

test("the successor leaks after promotion and the old one works: readers go back first", () => {
  const { next, plan } = joins({ done: promoted }, afterPromotion, { version: 2, ...seen });
  expect(next).toMatchObject({ dying: [1, 2], successor: 3 });
  expect(plan).toBe(
    `promote#1<2 contain#2 announce#1<2 ${replacement} prove#2 revoke#2 drain#3 retire#1 prove#1 revoke#1 attest`,
  );
});

test("the labels have moved back: consumers are still told, and nothing is promoted twice", () => {
  const versions = [version(1), version(2, { label: "previous", exposedAt: 5 })];
  const part = { dying: [1, 2], successor: 3, done: [...promoted, "promote#1<2"] };
  const { plan } = joins(part, versions, { version: 2, ...seen });
  expect(plan).toMatch(/^contain#2 announce#1<2 stage#3 /);
});

test("the successor leaks after promotion and the old one is stopped: contained, another one made", () => {
  const versions = [version(1, { label: "previous", life: "suspended" }), version(2)];
  const done = [...promoted, "drain#2", "retire#1"];
  const { plan } = joins({ done }, versions, { version: 2, ...seen });
  expect(plan).toBe(`contain#2 ${replacement} prove#2 revoke#2 drain#3 prove#1 revoke#1 attest`);
});

test("which version leaked is unknown: every one alive since then dies", () => {
  const versions = [
    version(1, { label: "previous", mintedAt: 10 }),
    version(2, { mintedAt: 90 }),
    version(3, { label: "none", life: "revoked", mintedAt: 20 }),
  ];
  expect(versionsAliveSince(versions, 50)).toEqual([1]);
  expect(versionsAliveSince(versions, 100)).toEqual([1, 2]);
});

test("the subject is offboarded: the successor dies too and none follows", () => {
  const { next, plan } = joins({ done: arrived }, beforePromotion, offboarding);
  expect(next).toMatchObject({ dying: [1, 2], wanted: "none" });
  expect(next.successor).toBeUndefined();
  expect(plan).toBe("retire#1 retire#2 prove#1 prove#2 revoke#1 revoke#2 attest");
});

test("a successor that was only staged is ended with its offboarded subject", () => {
  const versions = [version(1), version(2, { label: "pending", life: "planned" })];
  const { next } = joins({ done: ["stage#2"] }, versions, offboarding);
  expect(next.dying).toEqual([1, 2]);
});

test("a rotation that needed no successor gets one when the current version leaks too", () => {
  const versions = [version(1, { label: "previous" }), version(2)];
  const { successor: _none, ...without } = rotation({ dying: [1], causes: [exposure()] });
  const joined = joinCause(without, versions, { exposed: [2], wanted: "successor" });
  expect(joined).toMatchObject({ dying: [1, 2], successor: 3 });
});

test("a leaked version that nobody knows, or that is proven dead, changes nothing", () => {
  const versions = [version(1), version(2, { life: "revoked", label: "none" })];
  for (const exposed of [[9], [2]])
    expect(
      joinCause({ dying: [1], successor: 3, wanted: "successor" }, versions, {
        exposed,
        wanted: "successor",
      }),
    ).toEqual({ dying: [1], successor: 3, wanted: "successor" });
});

test("the same report twice changes nothing the second time; one that says more is kept", () => {
  const once = joins({}, [version(1)], { version: 1 }).next;
  const twice = joins(once, [version(1)], { version: 1 }).next;
  expect(twice).toEqual(once);
  const graver = joins(once, [version(1)], { version: 1, ...seen }).next;
  expect(graver.causes).toHaveLength(once.causes.length + 1);
});

test("a cause that joins after the attestation makes it due again", () => {
  const { plan } = joins({ done: [...promoted, "drain#2", "attest"] }, afterPromotion, {
    version: 1,
    ...seen,
  });
  expect(plan).toMatch(/^contain#1 .*attest$/);
});

test("a dismissed false alarm: consumers get the contained version back and the plan goes on", () => {
  const versions = [version(1, { label: "previous", life: "suspended", exposedAt: 5 }), version(2)];
  const alarmed = rotation({
    causes: [schedule, exposure({ version: 1 })],
    dying: [1],
    successor: 2,
  });
  const calm = withoutCause(alarmed, versions, exposure().case);
  expect(calm.rotation.causes).toEqual([schedule]);
  const plan = planRotation(
    facts({
      versions: calm.versions,
      causes: calm.rotation.causes,
      done: [...promoted, "contain#1"],
    }),
  );
  expect(isRefusal(plan) ? plan : keysOf(plan)[0]).toBe("reinstate#1");
});

test("a version that another exposure names stays exposed when one is dismissed", () => {
  const other = { ...exposure({ version: 1 }), case: offboarding.case };
  const alarmed = rotation({ causes: [exposure({ version: 1 }), other] });
  const calm = withoutCause(alarmed, [version(1, { exposedAt: 5 })], exposure().case);
  expect(calm.versions[0]?.exposedAt).toBe(5);
});

test("an undo is over when the old version leaks: both die and another one is made", () => {
  const { next } = joins({ undoing: true, done: promoted }, afterPromotion, { version: 1 });
  expect(next).toMatchObject({ undoing: false, dying: [1, 2], successor: 3 });
});

test("an undo goes on when only the version it ends has leaked", () => {
  const { next, plan } = joins({ undoing: true, done: promoted }, afterPromotion, { version: 2 });
  expect(next).toMatchObject({ undoing: true, dying: [1], successor: 2 });
  expect(plan).toMatch(/^reinstate#1 promote#1<2 contain#2 /);
});

test("an undo is over when the subject is offboarded", () => {
  const { next } = joins({ undoing: true, done: promoted }, afterPromotion, offboarding);
  expect(next).toMatchObject({ undoing: false, dying: [1, 2], wanted: "none" });
});

test("a version that an undo has ended is nobody's heir when the old one leaks after that", () => {
  const versions = [
    version(1, { label: "current" }),
    version(2, { label: "pending", life: "revoked" }),
  ];
  const { next } = joins({ undoing: true, dying: [1] }, versions, { version: 1 });
  expect(next).toMatchObject({ undoing: false, successor: 3 });
});

test("an offboarding that was a false alarm leaves the other cause its successor", () => {
  const kept = { ...schedule, case: caseId("kept") };
  const gone = { ...offboarding, case: caseId("gone") };
  const ending = rotation({ wanted: "none", causes: [kept, gone], dying: [1], done: ["attest"] });
  const left = withoutCause(ending, [version(1, { label: "current" })], gone.case).rotation;
  expect(left).toMatchObject({ wanted: "successor", successor: 2, dying: [1], done: [] });
  expect(withoutCause(ending, [], kept.case).rotation.wanted).toBe("none");
});

test("numbers are never used twice", () => {
  expect(nextVersionNumber([])).toBe(1);
  expect(nextVersionNumber([version(3), version(1)])).toBe(4);
  expect(nextVersionNumber([version(1)], 7)).toBe(8);
});

test("an incident's work is urgent, anything else is planned", () => {
  expect(laneOf({ causes: [schedule, exposure()] })).toBe("urgent");
  expect(laneOf({ causes: [schedule, offboarding] })).toBe("planned");
});

test("a later report never moves the moment a version was known to be exposed", () => {
  const first = markExposed(version(1), [1], 10);
  expect(markExposed(first, [1], 20).exposedAt).toBe(10);
  expect(markExposed(version(2), [1], 10).exposedAt).toBeUndefined();
});

const openingOf = (cause: Cause): RotationOpening => ({
  credential: credentialId("payments-db"),
  cause,
  exposed: cause.version === undefined ? [] : [cause.version],
  ...(cause.kind === "exposure" && cause.version === undefined ? { unknownSince: 2 } : {}),
  wanted: cause.kind === "offboarding" ? "none" : "successor",
  mode: "act",
  approved: false,
});

const causes = fc.array(
  fc.oneof(
    fc.constant(schedule),
    fc.constant(offboarding),
    fc.integer({ min: 1, max: 4 }).map((number) => exposure({ version: number })),
    fc.constant(exposure()),
  ),
  { minLength: 1, maxLength: 5 },
);

const labelled = (count: number, lives: readonly Version["life"][]): readonly Version[] =>
  lives.slice(0, count).map((life, index) =>
    version(index + 1, {
      life,
      label: index + 1 === count && life !== "revoked" ? "current" : "previous",
    }),
  );

const ending = (order: readonly Cause[], versions: readonly Version[]) => {
  const [first = schedule, ...rest] = order;
  const birth = { id: rotationId("rotation"), number: 1, versions, now: 1_000 };
  const last = rest.reduce(
    (active, cause) => {
      const escalation = escalationOf(openingOf(cause), versions);
      const event = decideRotation(active, { type: "escalate", escalation }, { now: 1, versions });
      return isRefusal(event) ? active : evolveRotation(active, event);
    },
    bornRotation(openingOf(first), birth),
  );
  return { dying: last.dying, wanted: last.wanted, successor: last.successor };
};

test("every order and duplication of the same causes ends with the same deaths and the same goal", () => {
  const life = fc.constantFrom("valid" as const, "suspended" as const, "revoked" as const);
  const versions = fc
    .tuple(fc.integer({ min: 0, max: 3 }), fc.array(life, { minLength: 3, maxLength: 3 }))
    .map(([count, lives]) => labelled(count, lives));
  fc.assert(
    fc.property(
      causes,
      versions,
      fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
      (all, known, keys) => {
        const shuffled = [...all, ...all.slice(0, 2)]
          .map((cause, index) => ({ cause, key: keys[index] ?? 0 }))
          .sort((left, right) => left.key - right.key)
          .map(({ cause }) => cause);
        expect(ending(shuffled, known)).toEqual(ending(all, known));
      },
    ),
    { numRuns: 2_000 },
  );
});
