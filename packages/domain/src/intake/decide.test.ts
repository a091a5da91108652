import { expect, test } from "vitest";
import type { Case } from "../case/case.ts";
import { caseId } from "../ids.ts";
import { dual, version } from "../rotation/rotation.fixture.ts";
import { signalOutcomes, type ReceivedSignal, type Signal } from "../signal.ts";
import type { IntakeDecision } from "./snapshot.ts";
import { credential, decide, identity, received, target, type Given } from "./intake.fixture.ts";
import { caseKeyOf } from "./subject.ts";

const openCase = (part: Partial<Case> = {}): Case => ({
  ...(decide(received({ public: false })).open as Case),
  id: caseId("open"),
  ...part,
});

const of = (name: string): Pick<Signal, "subject"> => ({
  subject: { type: "service", ids: [{ scheme: "service", value: name }] },
});
const deployed = { kind: "lifecycle", effect: "advance" } as const;
const none = { target: undefined };
const dead = { target: { ...target, versions: [version(1, { life: "revoked" })] } };
const closed = { case: openCase({ state: { at: "closed", outcome: "rotated", reason: "done" } }) };

const outcomes: readonly (readonly [
  name: string,
  signal: Partial<Signal>,
  given: Given,
  outcome: IntakeDecision["outcome"],
])[] = [
  ["a first report of a known version", {}, {}, "opened"],
  ["a report after the last case was closed", {}, closed, "opened"],
  [
    "a report that only names the credential",
    {},
    { target: { ...target, versions: [] } },
    "refused",
  ],
  ["the same cause again", {}, { case: openCase() }, "joined"],
  [
    "a claim that it is resolved, with an open case",
    { disposition: "close" },
    { case: openCase() },
    "joined",
  ],
  ["a claim that it is resolved, with no case", { disposition: "close" }, {}, "noted"],
  ["an update with no case", { disposition: "update" }, closed, "noted"],
  ["a verification with no case", { disposition: "verify" }, {}, "noted"],
  ["a note", { disposition: "note" }, {}, "noted"],
  ["an acknowledgement", { disposition: "ack" }, { case: openCase() }, "noted"],
  ["something to ignore", { disposition: "ignore" }, {}, "noted"],
  ["a late report of a proven death", {}, dead, "noted"],
  ["a late report while its case is open", {}, { ...dead, case: openCase() }, "noted"],
  ["an invalid report", { disposition: "reject" }, {}, "refused"],
  ["what cannot be trusted", { disposition: "quarantine" }, {}, "quarantined"],
  ["a version that never was", {}, { target: { ...target, version: 99 } }, "refused"],
  ["an unknown secret", {}, none, "refused"],
  [
    "a control credential",
    {},
    { target: { ...target, credential: { ...credential, control: true } } },
    "refused",
  ],
  ["a known leaver", { kind: "offboarding" }, { ...none, identified: true }, "opened"],
  ["an unknown leaver", { kind: "offboarding" }, none, "refused"],
  [
    "ended sessions only",
    { kind: "offboarding", effect: "end-sessions" },
    { ...none, identified: true },
    "noted",
  ],
  [
    "a removed service",
    { kind: "lifecycle", effect: "retire", environment: "production", ...of("billing") },
    none,
    "opened",
  ],
  [
    "a removed service without environment",
    { kind: "lifecycle", effect: "retire", ...of("billing") },
    none,
    "refused",
  ],
  ["a deployment", { ...deployed, environment: "production", ...of("billing") }, none, "noted"],
  [
    "a deployment of nobody's service",
    { ...deployed, environment: "production", ...of("x") },
    { ...none, serviceKnown: false },
    "noted",
  ],
  ["a deployment of what", deployed, none, "refused"],
  ["another lifecycle event", { kind: "lifecycle", effect: "hold" }, none, "noted"],
  ["a scheduled rotation", { kind: "schedule" }, {}, "opened"],
  ["a person's wish", { kind: "manual", effect: "rotate" }, {}, "opened"],
  ["a person's wish about nothing known", { kind: "manual" }, none, "refused"],
  ["a use", { kind: "usage" }, {}, "noted"],
];

test.each(outcomes)("%s", (...[, signal, given, outcome]) => {
  const decision = decide(received(signal), given);
  expect(decision.outcome).toBe(outcome);
  expect(decision.reason).not.toBe("");
  expect(decision.open !== undefined).toBe(outcome === "opened");
  expect(decision.join !== undefined).toBe(outcome === "joined");
});

test("every outcome that a signal can have is decided somewhere", () => {
  const seen = new Set(outcomes.map(([, , , outcome]) => outcome));
  expect([...seen].sort()).toEqual([...signalOutcomes].sort());
});

const critical = { ...credential, criticality: "critical" } as const;
const policy = target.policy;
const full = { kills: 20, containments: 10 };
const flips: readonly (readonly [name: string, signal: Partial<Signal>, given: Given])[] = [
  ["the exposure is neither public nor confirmed", { public: false }, {}],
  ["the source is to be asked first", { disposition: "resolve" }, {}],
  ["a person is to decide", { disposition: "manual" }, {}],
  ["the mode observes", {}, { modes: [] }],
  ["the mode proposes", {}, { modes: [{ scope: "issuer", name: "main-db", mode: "propose" }] }],
  ["no version is named", {}, { target: { credential, policy, versions: [version(1)] } }],
  [
    "the version is not alive yet",
    {},
    { target: { ...target, versions: [version(1, { life: "planned" })] } },
  ],
  ["the issuer cannot suspend", {}, { capabilities: { ...dual, canSuspend: false } }],
  ["everything is paused", {}, { pause: { paused: true, all: true } }],
  ["the credential is critical", {}, { target: { ...target, credential: critical } }],
  [
    "Rekey itself acts with it",
    {},
    { target: { ...target, credential: { ...credential, protected: true } } },
  ],
  [
    "the policy replaces first",
    {},
    { target: { ...target, policy: { ...policy, onExposure: "replace-first" } } },
  ],
  [
    "the policy proposes",
    {},
    { target: { ...target, policy: { ...policy, onExposure: "propose" } } },
  ],
  ["the containment budget is used up", {}, { breakerUse: { kills: 0, containments: 10 } }],
  ["both budgets are used up, however sure it is", { confidence: "valid" }, { breakerUse: full }],
  ["it takes effect later", { effectiveAt: 5_000 }, {}],
];

test("an exposure of one known version in mode act is contained by the commit that took it in", () => {
  const decision = decide(received());
  expect(decision.urgent?.opening).toMatchObject({
    exposed: [1],
    wanted: "successor",
    mode: "act",
  });
  expect(decision.urgent?.reservation).toMatchObject({
    version: 1,
    kind: "containment",
    case: "case-1",
  });
  expect(decision.open).toMatchObject({ step: "wave", wave: 1, state: { at: "running" } });
  expect(decide(received(), { pause: { paused: true, all: false } }).urgent).toBeDefined();
});

test.each(flips)("it goes the long way when %s", (...[, signal, given]) => {
  const decision = decide(received(signal), given);
  expect(decision.outcome).toBe("opened");
  expect(decision.urgent).toBeUndefined();
  expect(decision.open).toMatchObject({ step: "resolve", wave: 0 });
});

test("an ended credential is contained and gets no successor", () => {
  const ended = { ...target, credential: { ...credential, ended: true } };
  expect(decide(received(), { target: ended }).urgent?.opening.wanted).toBe("none");
});

test("a policy that proposes, a protected credential and a doubtful report wait for a person", () => {
  const proposes = { ...target, policy: { ...policy, onExposure: "propose" as const } };
  const own = { ...target, credential: { ...credential, protected: true } };
  expect(decide(received(), { target: proposes }).open?.mode).toBe("propose");
  expect(decide(received(), { target: own }).open?.mode).toBe("propose");
  expect(decide(received({ disposition: "manual" })).open?.mode).toBe("propose");
  expect(decide(received({ kind: "schedule" }), { target: proposes }).open?.mode).toBe("act");
  expect(decide(received(), { target: own, modes: [] }).open?.mode).toBe("observe");
});

test("an offboarding that takes effect later waits until then", () => {
  const later = received({ kind: "offboarding", effectiveAt: 5_000 });
  expect(decide(later, { ...none, identified: true }).open).toMatchObject({
    dueAt: 5_000,
    state: { at: "waiting", for: "time", until: 5_000 },
  });
});

test("an earlier end brings a waiting case forward; a later one does not push it back", () => {
  const waiting = openCase({
    kind: "offboarding",
    dueAt: 5_000,
    state: { at: "waiting", for: "time", until: 5_000, reason: "it takes effect then" },
  });
  const given = { ...none, identified: true, case: waiting };
  expect(decide(received({ kind: "offboarding" }), given).join?.dueAt).toBe(1_000);
  const later = received({ kind: "offboarding", effectiveAt: 9_000 });
  expect(decide(later, given).join?.dueAt).toBe(5_000);
});

test("reports of one cause make it as grave as the gravest, whatever their order", () => {
  const mild = received({ public: false, confidence: "unknown" }, { trusted: false });
  const grave = received({ public: false, confidence: "valid" });
  const both = (first: ReceivedSignal, second: ReceivedSignal): Case => {
    const { open } = decide(first);
    return decide(second, open === undefined ? {} : { case: open }).join as Case;
  };
  expect(both(mild, grave).cause).toEqual(both(grave, mild).cause);
  expect(both(mild, grave).cause).toMatchObject({ confidence: "valid", trusted: true });
});

test("a graver report of an open case is contained at once; one that adds nothing is only counted", () => {
  const open = openCase();
  const graver = decide(received(), { case: open });
  expect(graver.urgent?.opening.cause).toMatchObject({ case: "open", public: true });
  const again = decide(received(), { case: graver.join as Case });
  expect(again.urgent).toBeUndefined();
  expect(again.join?.signals).toBe(open.signals + 2);
});

test("a new episode counts on from the last, and a campaign's case names its credential", () => {
  expect(decide(received(), closed).open?.episode).toBe(2);
  expect(decide(received({ kind: "manual" })).items).toEqual([
    { credential: "payments-db", wanted: "successor", wave: 0 },
  ]);
  expect(decide(received()).items[0]?.version).toBe(1);
});

test("a person's wish for the end of a credential wants no successor, in a case of its own", () => {
  for (const effect of ["end", "retire"] as const) {
    const decision = decide(received({ kind: "manual", effect }));
    expect(decision.items).toEqual([{ credential: "payments-db", wanted: "none", wave: 0 }]);
    expect(decision.open?.about).toBe("end:payments-db");
  }
});

test("what a case is about names the version, the identity, the service or the day", () => {
  const about = (part: Partial<Signal>, found = true): string | undefined =>
    caseKeyOf(received(part).signal, found ? target : undefined, identity)?.about;
  expect(about({})).toBe("payments-db#1");
  expect(about({ kind: "offboarding" })).toBe("payments");
  expect(about({ kind: "schedule" })).toBe("standard@1970-01-01");
  expect(about({ kind: "manual" })).toBe("manual:payments-db");
  const removed = {
    kind: "lifecycle",
    effect: "end-job",
    environment: "test",
    ...of("nightly"),
  } as const;
  expect(about(removed, false)).toBe("nightly@test");
  expect(about({ kind: "exposure" }, false)).toBeUndefined();
});
