import type { Capabilities } from "../capabilities.ts";
import { caseId, consumerId, credentialId, policyName, rotationId, storeId } from "../ids.ts";
import { policyDefaults } from "../policy.ts";
import type { Version } from "../version.ts";
import { bornRotation } from "./open.ts";
import type { PlanFacts } from "./plan-facts.ts";
import type { Cause, PlannedStep, Rotation } from "./rotation.ts";

/** Builders for the tests of this room; every part has a plain value and can be overridden. */

export const version = (number: number, part: Partial<Version> = {}): Version => ({
  credential: credentialId("payments-db"),
  number,
  label: "current",
  life: "valid",
  rotation: rotationId("earlier"),
  marked: true,
  fingerprints: [],
  staged: true,
  mintedAt: number,
  ...part,
});

export const exposure = (part: Partial<Cause> = {}): Cause => ({
  kind: "exposure",
  case: caseId("incident"),
  at: 100,
  ...part,
});

export const schedule: Cause = { kind: "schedule", case: caseId("campaign"), at: 100 };
export const offboarding: Cause = { kind: "offboarding", case: caseId("leaver"), at: 100 };

export const dual: Capabilities = {
  strategy: "dual",
  secretChosenBy: "rekey",
  canSuspend: true,
  canMark: true,
  canEnumerate: true,
  canProbe: true,
  probeAnswer: "strong",
  probeCountsAsFailedLogin: false,
  propagationMs: 0,
  derived: [],
  canSweep: false,
};

export const facts = (part: Partial<PlanFacts> = {}): PlanFacts => ({
  credential: {
    criticality: "normal",
    store: { store: storeId("sealed"), document: "payments", fields: { password: "{secret}" } },
    consumers: [consumerId("billing")],
  },
  policy: { name: policyName("standard"), ...policyDefaults, allowListedProof: true },
  capabilities: dual,
  causes: [schedule],
  wanted: "successor",
  versions: [version(1)],
  dying: [1],
  successor: 2,
  done: [],
  ...part,
});

export const rotation = (part: Partial<Rotation> = {}): Rotation => ({
  ...bornRotation(
    {
      credential: credentialId("payments-db"),
      cause: schedule,
      exposed: [],
      wanted: "successor",
      mode: "act",
      approved: false,
    },
    { id: rotationId("rotation"), number: 1, versions: [version(1)], now: 1_000 },
  ),
  ...part,
});

export const keysOf = (steps: readonly PlannedStep[]): readonly string[] =>
  steps.map((planned) => planned.key);
