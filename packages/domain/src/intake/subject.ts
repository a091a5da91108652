import type { CaseKind } from "../case/case.ts";
import { toRfc3339 } from "../instant.ts";
import type { Credential, Identity } from "../inventory.ts";
import type { Policy } from "../policy.ts";
import type { Rotation } from "../rotation/rotation.ts";
import type { Signal } from "../signal.ts";
import type { Version } from "../version.ts";

/** A credential that a signal's locators led to. */
export interface IntakeTarget {
  readonly credential: Credential;
  readonly policy: Policy;
  readonly versions: readonly Version[];
  /** The version the locator names; absent when it names the credential only. */
  readonly version?: number;
  readonly active?: Rotation;
}

export interface CaseKey {
  readonly kind: CaseKind;
  readonly about: string;
}

const service = (signal: Signal): string | undefined =>
  signal.subject?.ids.find((id) => id.scheme === "service")?.value;

/** The service a lifecycle signal names, by its inventory name. */
export const serviceOf = service;

/** A person may ask for the end of one credential instead of a new version. */
export const asksForEnd = ({ kind, effect }: Signal): boolean =>
  kind === "manual" && (effect === "end" || effect === "retire");

/** What a signal's case would be about, or why there is no case in it. */
export const caseKeyOf = (
  signal: Signal,
  target: IntakeTarget | undefined,
  identity: Identity | undefined,
): CaseKey | undefined => {
  if (signal.kind === "exposure" && target !== undefined) {
    const version =
      target.version ?? target.versions.find((candidate) => candidate.label === "current")?.number;
    return {
      kind: "incident",
      about: version === undefined ? target.credential.id : `${target.credential.id}#${version}`,
    };
  }
  if (signal.kind === "offboarding" && identity !== undefined)
    return { kind: "offboarding", about: identity.id };
  if (signal.kind === "lifecycle" && (signal.effect === "retire" || signal.effect === "end-job")) {
    const name = service(signal);
    return name === undefined || signal.environment === undefined
      ? undefined
      : { kind: "retirement", about: `${name}@${signal.environment}` };
  }
  if (signal.kind === "schedule" && target !== undefined) {
    return {
      kind: "campaign",
      about: `${target.policy.name}@${toRfc3339(signal.occurredAt).slice(0, 10)}`,
    };
  }
  // An end is a case of its own: joined to an open wish for a new version it would be lost.
  if (signal.kind === "manual" && target !== undefined)
    return {
      kind: "campaign",
      about: `${asksForEnd(signal) ? "end" : "manual"}:${target.credential.id}`,
    };
  return undefined;
};
