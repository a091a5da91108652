import type { Capabilities } from "../capabilities.ts";
import type { Credential } from "../inventory.ts";
import type { ExposureResponse, Policy } from "../policy.ts";
import type { Version } from "../version.ts";
import type { Cause } from "./rotation.ts";

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
  /** A person asked for the way back; absent means no. */
  readonly undoing?: boolean;
}

type Exposed = Pick<PlanFacts, "credential" | "policy" | "causes">;

const bySeverity = ({ causes }: Exposed): ExposureResponse => {
  const severe = causes.some(
    (cause) => cause.kind === "exposure" && (cause.public === true || cause.confidence === "valid"),
  );
  return severe ? "contain-first" : "replace-first";
};

/**
 * How an exposure of this credential is answered. A policy that wants a person first always gets one; after
 * that critical credentials are replaced first, whatever the exposure.
 */
export const exposureResponse = (facts: Exposed): ExposureResponse => {
  const { onExposure } = facts.policy;
  if (onExposure === "propose") return onExposure;
  if (facts.credential.criticality === "critical") return "replace-first";
  return onExposure ?? bySeverity(facts);
};

/** The order once work has begun: `propose` only decides who starts it. */
export const containsFirst = (facts: Exposed): boolean => {
  const { policy, credential } = facts;
  if (policy.onExposure !== "propose") return exposureResponse(facts) === "contain-first";
  return credential.criticality !== "critical" && bySeverity(facts) === "contain-first";
};
