import { expect, test } from "vitest";
import type { Capabilities } from "../capabilities.ts";
import { isRefusal } from "../refusal.ts";
import { exposureResponse, type PlanFacts } from "./plan-facts.ts";
import { planRotation } from "./plan.ts";
import { dual, exposure, facts, keysOf, offboarding, version } from "./rotation.fixture.ts";

const planOf = (part: Partial<PlanFacts>, capabilities: Partial<Capabilities> = {}): string => {
  const plan = planRotation(facts({ ...part, capabilities: { ...dual, ...capabilities } }));
  return isRefusal(plan) ? `refused: ${plan.refused}` : keysOf(plan).join(" ");
};

const severe = [exposure({ version: 1, public: true })];
const mild = [exposure({ version: 1 })];
const leaked = version(1, { exposedAt: 50 });
const previous = version(1, { label: "previous" });
const outage = { ...facts().policy, allowOutage: true };
const nobody = { ...facts().credential, consumers: [] };
const handOver = "verify#2 promote#2 announce#2";
const tail = "retire#1 prove#1 revoke#1 attest";

const written: readonly (readonly [
  name: string,
  part: Partial<PlanFacts>,
  capabilities: Partial<Capabilities>,
  plan: string,
])[] = [
  ["Rekey chooses the value", {}, {}, `stage#2 mint#2 ${handOver} drain#2 ${tail}`],
  [
    "the issuer chooses the value",
    {},
    { secretChosenBy: "issuer" },
    `mint#2 stage#2 ${handOver} drain#2 ${tail}`,
  ],
  [
    "the holder keeps the value",
    { credential: { criticality: "normal", consumers: facts().credential.consumers } },
    { secretChosenBy: "holder" },
    `mint#2 ${handOver} drain#2 ${tail}`,
  ],
  ["nobody consumes it", { credential: nobody }, {}, `stage#2 mint#2 verify#2 promote#2 ${tail}`],
  [
    "the first version has nothing to end",
    { versions: [], dying: [], successor: 1 },
    {},
    "stage#1 mint#1 verify#1 promote#1 announce#1 attest",
  ],
  [
    "no suspension: the end comes before its proof",
    {},
    { canSuspend: false },
    `stage#2 mint#2 ${handOver} drain#2 revoke#1 prove#1 attest`,
  ],
  [
    "no probe: suspended, ended, then proven by the list",
    {},
    { canProbe: false },
    `stage#2 mint#2 ${handOver} drain#2 retire#1 revoke#1 prove#1 attest`,
  ],
  [
    "in-place: the cutover ends the old value; its proof does not wait for consumers",
    { policy: outage },
    { strategy: "in-place", versionsMax: 1 },
    "cutover#2 verify#2 announce#2 prove#1 revoke#1 drain#2 attest",
  ],
  [
    "in-place: planned work needs a policy that allows it",
    {},
    { strategy: "in-place" },
    "refused: UNSUPPORTED",
  ],
  [
    "in-place and exposed: suspended first, never ended first",
    { causes: severe, versions: [leaked] },
    { strategy: "in-place" },
    "contain#1 cutover#2 verify#2 announce#2 prove#1 revoke#1 drain#2 attest",
  ],
  [
    "in-place without suspension: the cutover is the containment",
    { causes: severe, versions: [leaked] },
    { strategy: "in-place", canSuspend: false },
    "cutover#2 verify#2 announce#2 prove#1 revoke#1 drain#2 attest",
  ],
  [
    "exposed, contain-first: drain never blocks the proof",
    { causes: severe, versions: [leaked] },
    {},
    `contain#1 stage#2 mint#2 ${handOver} prove#1 revoke#1 drain#2 attest`,
  ],
  [
    "exposed, contain-first without suspension: ended at once, replaced before it is proven",
    { causes: severe, versions: [leaked] },
    { canSuspend: false },
    `revoke#1 stage#2 mint#2 ${handOver} prove#1 drain#2 attest`,
  ],
  [
    "exposed, replace-first",
    { causes: mild, versions: [leaked] },
    {},
    `stage#2 mint#2 ${handOver} drain#2 ${tail}`,
  ],
  [
    "exposed and critical: replaced first, whatever the exposure",
    {
      causes: severe,
      versions: [leaked],
      credential: { ...facts().credential, criticality: "critical" },
    },
    {},
    `stage#2 mint#2 ${handOver} drain#2 ${tail}`,
  ],
  [
    "no free slot: the exposed version goes first, to its irreversible end",
    { causes: severe, versions: [leaked] },
    { versionsMax: 1 },
    `contain#1 prove#1 revoke#1 stage#2 mint#2 ${handOver} drain#2 attest`,
  ],
  [
    "no free slot: planned work never gives up the current version",
    {},
    { versionsMax: 1 },
    "refused: UNSUPPORTED",
  ],
  [
    "no free slot: what nobody uses makes room",
    { versions: [version(1, { label: "none" }), version(2)], dying: [1, 2], successor: 3 },
    { versionsMax: 2, secretChosenBy: "issuer" },
    "retire#1 prove#1 revoke#1 mint#3 stage#3 verify#3 promote#3 announce#3 drain#3 retire#2 prove#2 revoke#2 attest",
  ],
  [
    "no free slot: a previous version with consumers does not make room for planned work",
    { versions: [previous, version(2)], dying: [1, 2], successor: 3 },
    { strategy: "alternating" },
    "refused: UNSUPPORTED",
  ],
  [
    "alternating: the exposed identity is freed before the next version takes it",
    {
      causes: [exposure({ version: 2, public: true })],
      versions: [previous, version(2, { exposedAt: 50 })],
      dying: [1, 2],
      successor: 3,
    },
    { strategy: "alternating" },
    "promote#1<2 contain#2 announce#1<2 prove#2 revoke#2 stage#3 mint#3 verify#3 promote#3 announce#3 drain#3 retire#1 prove#1 revoke#1 attest",
  ],
  [
    "nothing follows: every version is stopped before any is proven",
    {
      causes: [offboarding],
      wanted: "none",
      successor: undefined,
      versions: [previous, version(2)],
      dying: [1, 2],
    },
    {},
    "retire#1 retire#2 prove#1 prove#2 revoke#1 revoke#2 attest",
  ],
  [
    "nothing follows, no suspension",
    { causes: [offboarding], wanted: "none", successor: undefined },
    { canSuspend: false },
    "revoke#1 prove#1 attest",
  ],
  [
    "nothing follows and one has leaked: it is contained first",
    {
      causes: [offboarding, exposure({ version: 2 })],
      wanted: "none",
      successor: undefined,
      versions: [previous, version(2, { exposedAt: 50 })],
      dying: [1, 2],
    },
    {},
    "contain#2 retire#1 prove#1 prove#2 revoke#1 revoke#2 attest",
  ],
  [
    "a successor that leaked before it was minted is ended; nothing of it can be suspended",
    {
      causes: mild,
      versions: [version(1), version(2, { label: "pending", life: "planned", exposedAt: 50 })],
      dying: [1, 2],
      successor: 3,
      done: ["stage#2"],
    },
    {},
    "revoke#2 stage#3 mint#3 verify#3 promote#3 announce#3 prove#2 drain#3 retire#1 prove#1 revoke#1 attest",
  ],
  [
    "a minted successor that leaked before promotion is stopped at once: nobody uses it",
    {
      causes: mild,
      versions: [version(1), version(2, { label: "pending", exposedAt: 50 })],
      dying: [1, 2],
      successor: 3,
      done: ["stage#2", "mint#2"],
    },
    {},
    "contain#2 stage#3 mint#3 verify#3 promote#3 announce#3 prove#2 revoke#2 drain#3 retire#1 prove#1 revoke#1 attest",
  ],
  [
    "the previous version leaked and the current one is sound: it dies, nothing is minted",
    {
      causes: severe,
      versions: [{ ...leaked, label: "previous" }, version(2)],
      dying: [1],
      successor: undefined,
    },
    {},
    "contain#1 prove#1 revoke#1 attest",
  ],
  [
    "planned work without a way to prove is refused",
    { policy: { ...outage, allowListedProof: false } },
    { canProbe: false },
    "refused: UNSUPPORTED",
  ],
  [
    "a leak is stopped even where its proof will need a person",
    { causes: severe, versions: [leaked], policy: { ...outage, allowListedProof: false } },
    { canProbe: false },
    `contain#1 stage#2 mint#2 ${handOver} revoke#1 prove#1 drain#2 attest`,
  ],
  [
    "a value that Rekey or the issuer chose needs a store",
    { credential: { criticality: "normal", consumers: [] } },
    {},
    "refused: UNSUPPORTED",
  ],
  [
    "a proven version that leaks while it is still reversible only waits for its end",
    {
      causes: severe,
      versions: [version(1, { label: "previous", life: "suspended", exposedAt: 50 }), version(2)],
      done: [
        "stage#2",
        "mint#2",
        "verify#2",
        "promote#2",
        "announce#2",
        "drain#2",
        "retire#1",
        "prove#1",
      ],
    },
    {},
    "revoke#1 attest",
  ],
  [
    "a dismissed alarm: what it contained works again until consumers have moved",
    {
      versions: [version(1, { label: "previous", life: "suspended" }), version(2)],
      done: ["contain#1", "stage#2", "mint#2", "verify#2", "promote#2", "announce#2", "prove#1"],
    },
    {},
    "reinstate#1 drain#2 retire#1 prove#1 revoke#1 attest",
  ],
];

test.each(written)("%s", (...[, part, capabilities, plan]) => {
  expect(planOf(part, capabilities)).toBe(plan);
});

test("a policy that wants a person first gets one, and the order follows the exposure", () => {
  const policy = { ...facts().policy, onExposure: "propose" as const };
  const credential = { ...facts().credential, criticality: "critical" as const };
  expect(exposureResponse(facts({ policy, causes: severe }))).toBe("propose");
  expect(exposureResponse(facts({ policy, causes: severe, credential }))).toBe("propose");
  expect(planOf({ policy, causes: severe, versions: [leaked] })).toMatch(/^contain#1 /);
  expect(planOf({ policy, causes: mild, versions: [leaked] })).toMatch(/^stage#2 /);
});

test("an exposure is answered by policy, else by what is known of it", () => {
  const answer = (part: Partial<PlanFacts>): string => exposureResponse(facts(part));
  const policy = { ...facts().policy, onExposure: "contain-first" as const };
  const credential = { ...facts().credential, criticality: "critical" as const };
  expect(answer({ causes: mild })).toBe("replace-first");
  expect(answer({ causes: [exposure({ confidence: "unknown" })] })).toBe("replace-first");
  expect(answer({ causes: [exposure({ confidence: "valid" })] })).toBe("contain-first");
  expect(answer({ causes: [exposure({ public: true })] })).toBe("contain-first");
  expect(answer({ causes: mild, policy })).toBe("contain-first");
  expect(answer({ causes: severe, policy, credential })).toBe("replace-first");
});
