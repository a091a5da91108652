import type { CredentialId, RotationId } from "../ids.ts";
import type { Instant } from "../instant.ts";
import type { Mode } from "../mode.ts";
import type { Version } from "../version.ts";
import type { Escalation } from "./commands.ts";
import { joinCause, versionsAliveSince, type Joined } from "./joining.ts";
import { planVersion, type Cause, type Rotation } from "./rotation.ts";

/** A wish for a rotation. Where the credential has an active one, the wish joins it instead. */
export interface RotationOpening {
  readonly credential: CredentialId;
  readonly cause: Cause;
  /** Versions an exposure names; empty otherwise. */
  readonly exposed: readonly number[];
  /** An exposure that cannot say which version leaked: every version alive since then dies. */
  readonly unknownSince?: Instant;
  readonly wanted: "successor" | "none";
  readonly mode: Mode;
  readonly approved: boolean;
}

interface Birth {
  readonly id: RotationId;
  /** One more than the credential's last rotation. */
  readonly number: number;
  readonly versions: readonly Version[];
  readonly now: Instant;
}

const joinedOf = (opening: RotationOpening, versions: readonly Version[]): Joined => {
  const { cause, wanted } = opening;
  const exposed = escalationOf(opening, versions).versions;
  const renews = cause.kind !== "exposure";
  const unborn = { dying: [], successor: undefined, wanted };
  return joinCause(unborn, versions, { exposed, wanted, renews });
};

/** The versions an opening asks to die, given what is alive. Only one version stays when the rotation ends. */
export const dyingOf = (
  opening: RotationOpening,
  versions: readonly Version[],
): readonly number[] => joinedOf(opening, versions).dying;

/** Pure: the rotation as it is born, not yet planned. */
export const bornRotation = (opening: RotationOpening, birth: Birth): Rotation => {
  const { dying, successor } = joinedOf(opening, birth.versions);
  return {
    id: birth.id,
    credential: opening.credential,
    number: birth.number,
    state: { at: "running" },
    mode: opening.mode,
    approved: opening.approved,
    wanted: opening.wanted,
    causes: [opening.cause],
    dying,
    ...(successor === undefined ? {} : { successor }),
    planVersion,
    plan: [],
    done: [],
    failures: 0,
    dueAt: birth.now,
    startedAt: birth.now,
    cutOff: false,
    moved: [],
    unmoved: [],
    claimsLost: 0,
    undoing: false,
  };
};

/** The same wish as an input to an active rotation. */
export const escalationOf = (
  opening: RotationOpening,
  versions: readonly Version[],
): Escalation => ({
  cause: opening.cause,
  versions:
    opening.cause.kind === "exposure"
      ? opening.unknownSince === undefined
        ? opening.exposed
        : versionsAliveSince(versions, opening.unknownSince)
      : [],
  wanted: opening.wanted,
  mode: opening.mode,
  approved: opening.approved,
});

/** Exposed versions carry the moment they were known to be; a later report never moves it. */
export const markExposed = (version: Version, exposed: readonly number[], at: Instant): Version =>
  exposed.includes(version.number) && version.exposedAt === undefined
    ? { ...version, exposedAt: at }
    : version;

/** Work for an incident goes before everything planned. */
export const laneOf = (rotation: Pick<Rotation, "causes">): "urgent" | "planned" =>
  rotation.causes.some((cause) => cause.kind === "exposure") ? "urgent" : "planned";
