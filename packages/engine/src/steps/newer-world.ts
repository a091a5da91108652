import { Fault, type ProviderEntry, type ProviderListing } from "@rekey/domain";
import { callFor, storeOf, type StepContext } from "./step.ts";

/** A store that shows a newer rotation than ours means that the ledger is older than the world. */
export const refuseNewerStore = async (context: StepContext): Promise<void> => {
  const { turn } = context;
  const store = storeOf(turn);
  const address = turn.claim.credential.store;
  if (store === undefined || address === undefined) return;
  const labels = await store.labels(
    address,
    { credential: turn.rotation.credential },
    callFor(context),
  );
  if (labels.versions.some((version) => version.rotationNumber > turn.rotation.number))
    throw new Fault("LEDGER_BEHIND_WORLD");
};

/**
 * A provider that lists a later version than the ledger knows, under the very name and mark that Rekey gives,
 * was used by a newer ledger. A mark under any other name is not taken for ours: it is foreign.
 */
export const refuseNewerListing = (context: StepContext, { entries }: ProviderListing): void => {
  const { versions, rotation, claim } = context.turn;
  const known = Math.max(0, rotation.successor ?? 0, ...versions.keys());
  const newer = entries.find((entry) => isLater(context, entry, known));
  if (newer !== undefined && !claim.foreignAcknowledged.includes(newer.principal))
    throw new Fault("LEDGER_BEHIND_WORLD", { providerCode: newer.principal });
};

const isLater = ({ turn, issuer }: StepContext, entry: ProviderEntry, known: number): boolean => {
  const { mark, principal } = entry;
  const { id, issuer: binding } = turn.claim.credential;
  if (mark?.credential !== id || !Number.isSafeInteger(mark.version) || mark.version <= known)
    return false;
  return issuer.principalOf({ credential: id, version: mark.version }, binding.settings) === principal;
};
