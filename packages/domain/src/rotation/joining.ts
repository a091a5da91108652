import type { Instant } from "../instant.ts";
import { isAlive, type Version } from "../version.ts";
import type { Rotation } from "./rotation.ts";

export interface Joined {
  readonly dying: readonly number[];
  readonly successor: number | undefined;
  readonly wanted: "successor" | "none";
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

/** The successor exists at the provider or the store, or may exist: it has to be ended, not forgotten. */
const mayExist = (versions: readonly Version[], number: number): boolean =>
  versions.some((version) => version.number === number);

/**
 * What changes when another cause meets an active rotation: exposed versions die, a leaked successor is
 * discarded and another one wanted, and an end without successor ends the successor too.
 */
export const joinCause = (
  rotation: Pick<Rotation, "dying" | "successor" | "wanted">,
  versions: readonly Version[],
  cause: { readonly exposed: readonly number[]; readonly wanted: "successor" | "none" },
): Joined => {
  const wanted = rotation.wanted === "none" || cause.wanted === "none" ? "none" : "successor";
  const existing = cause.exposed.filter((number) => mayExist(versions, number));
  if (wanted === "none") {
    const living = versions.filter(isAlive).map((version) => version.number);
    const successor =
      rotation.successor !== undefined && mayExist(versions, rotation.successor)
        ? [rotation.successor]
        : [];
    return {
      dying: union(union(rotation.dying, existing), union(living, successor)),
      successor: undefined,
      wanted,
    };
  }
  const dying = union(rotation.dying, existing);
  const successorLeaked = rotation.successor !== undefined && existing.includes(rotation.successor);
  const successor = successorLeaked
    ? nextVersionNumber(versions, rotation.successor)
    : rotation.successor;
  return { dying, successor, wanted };
};
