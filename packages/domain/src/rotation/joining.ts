import type { CaseId } from "../ids.ts";
import type { Instant } from "../instant.ts";
import { isAlive, type Version } from "../version.ts";
import type { Cause, Rotation } from "./rotation.ts";

export interface Joined {
  readonly dying: readonly number[];
  readonly successor: number | undefined;
  readonly wanted: "successor" | "none";
  /** False when the cause ends an undo that was under way; absent where there was none. */
  readonly undoing?: boolean;
}

/** What another cause asks of an active rotation. */
export interface JoiningCause {
  readonly exposed: readonly number[];
  readonly wanted: "successor" | "none";
  /** A plain wish for a new version (schedule, manual): the current one is to be replaced. */
  readonly renews?: boolean;
  readonly exposure?: boolean;
}

const union = (left: readonly number[], right: readonly number[]): readonly number[] =>
  [...new Set([...left, ...right])].sort((a, b) => a - b);

/** The first number that was never used for this credential. */
export const nextVersionNumber = (
  versions: readonly Pick<Version, "number">[],
  reserved = 0,
): number => Math.max(0, reserved, ...versions.map((version) => version.number)) + 1;

/** Which version leaked is not known: every version that was alive since then dies. */
export const versionsAliveSince = (
  versions: readonly Version[],
  since: Instant,
): readonly number[] =>
  versions
    .filter(
      (version) =>
        isAlive(version) && (version.mintedAt === undefined || version.mintedAt <= since),
    )
    .map((version) => version.number);

/** The versions that exist, or may exist, at the provider or the store: they have to be ended, not forgotten. */
const existing = (versions: readonly Version[], numbers: readonly number[]): readonly number[] =>
  numbers.filter((number) =>
    versions.some((version) => version.number === number && version.life !== "revoked"),
  );

const living = (versions: readonly Version[]): readonly number[] =>
  versions.filter(isAlive).map((version) => version.number);

interface Joinable {
  readonly dying: readonly number[];
  readonly successor?: number | undefined;
  readonly wanted: Rotation["wanted"];
  readonly undoing?: boolean;
}

/**
 * What changes when another cause meets an active rotation: exposed versions die, a leaked successor is
 * discarded and another one wanted, and an end without successor ends the successor too. The outcome does
 * not depend on the order in which causes meet.
 */
export const joinCause = (
  rotation: Joinable,
  versions: readonly Version[],
  cause: JoiningCause,
): Joined => {
  if (rotation.undoing === true) return joinUndo(rotation, versions, cause);
  const exposed = existing(versions, cause.exposed);
  const dying = union(rotation.dying, exposed);
  if (rotation.wanted === "none" || cause.wanted === "none") {
    const successor = existing(versions, [rotation.successor ?? 0]);
    return {
      dying: union(dying, [...living(versions), ...successor]),
      successor: undefined,
      wanted: "none",
    };
  }
  const heir = heirOf({ ...rotation, dying }, versions, cause.renews === true);
  const rest = living(versions).filter((number) => number !== heir.number);
  return { dying: union(dying, rest), successor: heir.successor, wanted: "successor" };
};

/** The one version that stays: the successor, else the current one while it is sound, else a new one. */
const heirOf = (
  rotation: Joinable,
  versions: readonly Version[],
  renews: boolean,
): { readonly number: number; readonly successor: number | undefined } => {
  const { successor, dying } = rotation;
  if (successor !== undefined && !dying.includes(successor) && !isSpent(versions, successor))
    return { number: successor, successor };
  const current = versions.find(
    (version) => version.label === "current" && isAlive(version) && !dying.includes(version.number),
  );
  if (current !== undefined && successor === undefined && !renews)
    return { number: current.number, successor: undefined };
  const next = nextVersionNumber(versions, successor);
  return { number: next, successor: next };
};

/** Its irreversible end was asked, as an undo does with the version it gives up: it can be nobody's heir. */
const isSpent = (versions: readonly Version[], number: number): boolean =>
  versions.some(
    (version) =>
      version.number === number && (version.life === "ending" || version.life === "revoked"),
  );

/** An undo goes on when only the version it ends anyway has leaked; it is over when the old one has, or nothing is to stay. */
const joinUndo = (
  rotation: Joinable,
  versions: readonly Version[],
  cause: JoiningCause,
): Joined => {
  const exposed = existing(versions, cause.exposed);
  const goesOn =
    cause.wanted !== "none" &&
    (cause.exposure !== true || exposed.every((number) => number === rotation.successor));
  if (goesOn) {
    const dying = union(
      rotation.dying,
      exposed.filter((number) => number !== rotation.successor),
    );
    return { dying, successor: rotation.successor, wanted: rotation.wanted, undoing: true };
  }
  const given = existing(versions, [rotation.successor ?? 0]);
  const forward = { ...rotation, dying: union(rotation.dying, given), undoing: false };
  return { ...joinCause(forward, versions, cause), undoing: false };
};

/**
 * A false alarm, dismissed by a person: its case no longer drives the rotation, and versions that no other
 * exposure names lose their mark. An end that nothing else asks for becomes a replacement. The next plan goes
 * on from there; with no cause left the rotation is withdrawn or undone instead.
 */
export const withoutCause = <Subject extends Pick<Rotation, "causes" | "wanted" | "done">>(
  rotation: Subject,
  versions: readonly Version[],
  dismissed: CaseId,
): { readonly rotation: Subject; readonly versions: readonly Version[] } => {
  const causes = rotation.causes.filter((cause) => cause.case !== dismissed);
  const exposures = causes.filter((cause) => cause.kind === "exposure");
  const named = (number: number): boolean =>
    exposures.some((cause) => cause.version === undefined || cause.version === number);
  const again = rotation.wanted === "none" && endsSubject(rotation.causes) && !endsSubject(causes);
  const goal =
    again && causes.length > 0
      ? {
          wanted: "successor" as const,
          successor: nextVersionNumber(versions),
          done: rotation.done.filter((key) => key !== "attest"),
        }
      : {};
  return {
    rotation: { ...rotation, causes, ...goal },
    versions: versions.map((version) =>
      version.exposedAt === undefined || named(version.number) ? version : unmarked(version),
    ),
  };
};

const endsSubject = (causes: readonly Cause[]): boolean =>
  causes.some(({ kind }) => kind === "offboarding" || kind === "retirement");

const unmarked = (version: Version): Version => {
  const { exposedAt: _falseAlarm, ...rest } = version;
  return rest;
};
