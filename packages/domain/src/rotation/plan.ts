import type { Capabilities } from "../capabilities.ts";
import type { Credential } from "../inventory.ts";
import type { ExposureResponse, Policy } from "../policy.ts";
import { refuse, type Refusal } from "../refusal.ts";
import { isAlive, type Version } from "../version.ts";
import { severityOf, type Cause, type PlannedStep, type StepKind } from "./rotation.ts";

/** Everything a plan depends on. The same facts give the same plan; new facts give a new one. */
export interface PlanFacts {
  readonly credential: Pick<Credential, "criticality" | "store" | "consumers">;
  readonly policy: Policy;
  readonly capabilities: Capabilities;
  readonly causes: readonly Cause[];
  readonly wanted: "successor" | "none";
  /** All versions of the credential that are not revoked, and those this rotation dealt with. */
  readonly versions: readonly Version[];
  readonly dying: readonly number[];
  /** The number the new version has or will have. */
  readonly successor: number | undefined;
  readonly done: readonly string[];
}

const step = (kind: StepKind, version: number | undefined, why: string): PlannedStep =>
  version === undefined
    ? { key: kind, kind, why }
    : { key: `${kind}#${version}`, kind, version, why };

const exposedOf = (facts: PlanFacts): readonly number[] =>
  facts.versions
    .filter((version) => version.exposedAt !== undefined && facts.dying.includes(version.number))
    .map((version) => version.number);

/** How an exposure of this credential is answered: critical credentials are replaced first, whatever the exposure. */
export const exposureResponse = (
  facts: Pick<PlanFacts, "credential" | "policy" | "causes">,
): ExposureResponse => {
  if (facts.credential.criticality === "critical") return "replace-first";
  if (facts.policy.onExposure !== undefined) return facts.policy.onExposure;
  const severe = facts.causes.some(
    (cause) => cause.kind === "exposure" && (cause.public === true || cause.confidence === "valid"),
  );
  return severe ? "contain-first" : "replace-first";
};

const containsFirst = (facts: PlanFacts): boolean =>
  facts.wanted === "none" || exposureResponse(facts) === "contain-first";

const arrival = (facts: PlanFacts, successor: number): readonly PlannedStep[] => {
  const { capabilities, credential } = facts;
  const verify = step("verify", successor, "the new version works, with the old one's privileges");
  if (capabilities.strategy === "in-place") {
    return [
      step(
        "cutover",
        successor,
        "versions cannot overlap: mint, stage and promote under one claim",
      ),
      verify,
    ];
  }
  const mint = step("mint", successor, "make the new version valid at the issuer");
  const promote =
    credential.store === undefined
      ? []
      : [step("promote", successor, "readers get the new version from here on")];
  if (capabilities.secretChosenBy === "holder") return [mint, verify, ...promote];
  const stage = step("stage", successor, "the value is safe in the store before it is needed");
  return capabilities.secretChosenBy === "rekey"
    ? [stage, mint, verify, ...promote]
    : [mint, stage, verify, ...promote];
};

const handOver = (
  facts: PlanFacts,
  successor: number,
): { announce: readonly PlannedStep[]; drain: readonly PlannedStep[] } => ({
  announce:
    facts.credential.consumers.length === 0 ? [] : [step("announce", successor, "tell consumers")],
  drain:
    facts.credential.consumers.length === 0 || facts.dying.length === 0
      ? []
      : [step("drain", successor, "wait until consumers have moved")],
});

/** The way to a proven death. Where the provider cannot suspend, or cannot be probed, the end comes before its proof. */
const death = (facts: PlanFacts, version: number, contained: boolean): readonly PlannedStep[] => {
  const { canSuspend, canProbe } = facts.capabilities;
  const prove = step(
    "prove",
    version,
    canProbe
      ? "refused when tried from outside, with controls"
      : "absent from the provider's list, twice",
  );
  const revoke = step("revoke", version, "end it irreversibly");
  if (!canSuspend || !canProbe)
    return [
      ...(canSuspend && !contained ? [step("retire", version, "suspend it")] : []),
      revoke,
      prove,
    ];
  return contained
    ? [prove, revoke]
    : [step("retire", version, "suspend it: still reversible"), prove, revoke];
};

const containment = (facts: PlanFacts, version: number): readonly PlannedStep[] =>
  facts.capabilities.canSuspend
    ? [step("contain", version, "exposed: stop its use now")]
    : death(facts, version, true);

const slotsFree = (facts: PlanFacts): boolean => {
  const { versionsMax } = facts.capabilities;
  if (versionsMax === undefined || facts.successor === undefined) return true;
  const minted = facts.versions.filter(
    (version) => isAlive(version) && version.number !== facts.successor,
  ).length;
  return minted < versionsMax;
};

const impossible = (facts: PlanFacts): Refusal | undefined => {
  const { capabilities, policy, causes, wanted } = facts;
  const planned = severityOf({ causes, wanted }) === "planned";
  if (
    facts.dying.length > 0 &&
    !capabilities.canProbe &&
    !(capabilities.canEnumerate && policy.allowListedProof)
  ) {
    return refuse(
      "UNSUPPORTED",
      "the issuer cannot be probed and the policy does not allow a proof by its list (allowListedProof)",
    );
  }
  if (
    wanted === "successor" &&
    capabilities.strategy === "in-place" &&
    planned &&
    !policy.allowOutage &&
    facts.dying.length > 0
  ) {
    return refuse(
      "UNSUPPORTED",
      "versions cannot overlap here: planned work needs allowOutage in the policy, or an alternating identity",
    );
  }
  if (
    wanted === "successor" &&
    planned &&
    !slotsFree(facts) &&
    facts.dying.every((number) => isCurrent(facts, number))
  ) {
    return refuse(
      "UNSUPPORTED",
      "the provider allows no further live version, and only the current one could make room",
    );
  }
  return undefined;
};

const isCurrent = (facts: PlanFacts, number: number): boolean =>
  facts.versions.some((version) => version.number === number && version.label === "current");

const withoutSuccessor = (facts: PlanFacts): readonly PlannedStep[] => {
  const exposed = exposedOf(facts);
  const first = exposed.flatMap((version) => containment(facts, version));
  return [
    ...first,
    ...facts.dying.flatMap((version) =>
      death(facts, version, facts.capabilities.canSuspend && exposed.includes(version)),
    ),
  ];
};

const withSuccessor = (facts: PlanFacts, successor: number): readonly PlannedStep[] => {
  const exposed = containsFirst(facts) ? exposedOf(facts) : [];
  const room = slotsFree(facts) ? [] : roomMakers(facts);
  const early = [...new Set([...exposed, ...room])];
  const contained = early.flatMap((version) =>
    room.includes(version)
      ? [...containment(facts, version), ...death(facts, version, true)]
      : containment(facts, version),
  );
  const { announce, drain } = handOver(facts, successor);
  const afterContainment = early.flatMap((version) => death(facts, version, true));
  const rest = facts.dying
    .filter((version) => !early.includes(version))
    .flatMap((version) => death(facts, version, false));
  return [
    ...contained,
    ...arrival(facts, successor),
    ...announce,
    ...afterContainment,
    ...drain,
    ...rest,
  ];
};

const roomMakers = (facts: PlanFacts): readonly number[] => {
  const exposed = exposedOf(facts).filter((number) => !facts.done.includes(`revoke#${number}`));
  const spare = facts.dying.filter((number) => !isCurrent(facts, number));
  return [...exposed, ...spare].slice(0, 1);
};

/** Where a successor leaked after it was promoted and the one before still works, readers go back to that one first. */
const wayBack = (facts: PlanFacts): readonly PlannedStep[] => {
  const leaked = facts.versions.find(
    (version) =>
      version.label === "current" &&
      version.exposedAt !== undefined &&
      facts.dying.includes(version.number),
  );
  const before = facts.versions.find(
    (version) =>
      version.label === "previous" && version.life === "valid" && version.exposedAt === undefined,
  );
  if (
    leaked === undefined ||
    before === undefined ||
    facts.wanted === "none" ||
    leaked.number <= before.number
  )
    return [];
  const key = `promote#${before.number}<${leaked.number}`;
  return [
    {
      key,
      kind: "promote",
      version: before.number,
      why: "the new version leaked and the one before still works: readers go back to it",
    },
  ];
};

const unique = (steps: readonly PlannedStep[]): readonly PlannedStep[] =>
  steps.filter(
    (candidate, index) => steps.findIndex((other) => other.key === candidate.key) === index,
  );

/**
 * The remaining steps of a rotation, as data, shown before anything runs. Pure: an escalation changes the
 * facts and plans again; steps in `done` are never planned twice.
 */
export const planRotation = (facts: PlanFacts): readonly PlannedStep[] | Refusal => {
  const refusal = impossible(facts);
  if (refusal !== undefined) return refusal;
  const body =
    facts.wanted === "none" || facts.successor === undefined
      ? withoutSuccessor(facts)
      : withSuccessor(facts, facts.successor);
  const steps = [
    ...wayBack(facts),
    ...body,
    step("attest", undefined, "the provider's list holds nothing of ours but the current version"),
  ];
  return unique(steps).filter((candidate) => !facts.done.includes(candidate.key));
};
