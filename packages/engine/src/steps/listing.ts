import type { ProviderEntry, ProviderListing, Rotation, Version } from "@rekey/domain";
import { callFor, type StepContext } from "./step.ts";

/** Everything alive at the provider in the credential's scope, as it says now. */
export const listNow = async (context: StepContext): Promise<ProviderListing> => {
  const { id, issuer } = context.turn.claim.credential;
  return await context.issuer.list(id, issuer.settings, callFor(context));
};

/** Lists, and once more when the provider's propagation has passed, where the first list does not show it yet. */
export const showsInTime = async (
  context: StepContext,
  holds: (listing: ProviderListing) => boolean,
): Promise<boolean> => {
  if (holds(await listNow(context))) return true;
  const { propagationMs } = context.issuer.capabilities;
  if (propagationMs === 0) return false;
  await context.turn.parts.clock.sleep(propagationMs, context.turn.kept.signal);
  return holds(await listNow(context));
};

/** Every version of the credential, and those of them that die. */
interface Known {
  readonly versions: ReadonlyMap<number, Version>;
  readonly rotation: Pick<Rotation, "dying">;
}

/**
 * Whether an entry is this version. Where versions take turns on one identity, the identity of a version that
 * goes on is not the dying one's, unless its mark says so.
 */
export const isEntryOf = (known: Known, entry: ProviderEntry, version: Version): boolean => {
  if (entry.principal !== version.principal) return false;
  const owner = known.versions.get(entry.mark?.version ?? version.number);
  if (owner !== undefined && owner.principal === version.principal)
    return (
      owner.number === version.number && (entry.mark !== undefined || !isShared(known, version))
    );
  return !isShared(known, version);
};

/** Another version that goes on has the same identity: stopping it would stop that one. */
export const isShared = ({ versions, rotation }: Known, version: Version): boolean =>
  [...versions.values()].some(
    (other) =>
      other.number !== version.number &&
      other.principal !== undefined &&
      other.principal === version.principal &&
      other.life === "valid" &&
      !rotation.dying.includes(other.number),
  );
