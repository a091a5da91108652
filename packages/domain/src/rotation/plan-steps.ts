import type { Version } from "../version.ts";
import type { PlanFacts } from "./plan-facts.ts";
import type { PlannedStep, StepKind } from "./rotation.ts";

export const step = (kind: StepKind, version: number, why: string): PlannedStep => ({
  key: `${kind}#${version}`,
  kind,
  version,
  why,
});

/** A step towards an older version while a newer one is given up: `promote#3<4`. */
export const stepBack = (
  kind: StepKind,
  versions: { readonly to: number; readonly from: number },
  why: string,
): PlannedStep => ({
  key: `${kind}#${versions.to}<${versions.from}`,
  kind,
  version: versions.to,
  why,
});

export const attestation: PlannedStep = {
  key: "attest",
  kind: "attest",
  why: "the provider's list holds nothing of ours but the current version",
};

export const versionIn = (facts: PlanFacts, number: number): Version | undefined =>
  facts.versions.find((version) => version.number === number);

export const isDone = (facts: PlanFacts, key: string): boolean => facts.done.includes(key);

/** Everything that must die and is not yet final. */
export const dyingIn = (facts: PlanFacts): readonly number[] =>
  facts.dying.filter((number) => versionIn(facts, number)?.life !== "revoked");

export const exposedIn = (facts: PlanFacts): readonly number[] =>
  dyingIn(facts).filter((number) => versionIn(facts, number)?.exposedAt !== undefined);

/** Never promoted, so no reader was ever sent to it: stopping it cuts nobody off. */
export const isIdle = (facts: PlanFacts, number: number): boolean => {
  const label = versionIn(facts, number)?.label;
  return label === "pending" || label === "none";
};

export const isCurrent = (facts: PlanFacts, number: number): boolean =>
  versionIn(facts, number)?.label === "current";

/** What a reinstated version makes undone, and what makes a reinstatement undone. */
export const reversedBy = (key: string): readonly string[] => {
  const [kind, version] = key.split("#");
  if (kind === "reinstate") return [`contain#${version}`, `retire#${version}`, `prove#${version}`];
  if (kind === "contain" || kind === "retire") return [`reinstate#${version}`];
  return [];
};
