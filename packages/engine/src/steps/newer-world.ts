import { Fault, type ProviderEntry, type ProviderListing } from "@rekey/domain";
import { isVouched } from "./ownership.ts";
import type { StepContext } from "./step.ts";

/**
 * A provider that lists a version of ours under the very name and mark that Rekey gives, from a rotation that this
 * ledger never had, was used by a newer one. Under any other name such a mark proves nothing: it is foreign.
 */
export const refuseNewerListing = async (
  context: StepContext,
  { entries }: ProviderListing,
): Promise<void> => {
  for (const entry of entries)
    if (isNamedByUs(context, entry) && !(await isOnRecord(context, entry)))
      throw new Fault("LEDGER_BEHIND_WORLD", { providerCode: entry.principal });
};

const isNamedByUs = (
  { turn, issuer }: StepContext,
  { mark, principal }: ProviderEntry,
): boolean => {
  const { id, issuer: binding } = turn.claim.credential;
  if (mark?.credential !== id || turn.claim.foreignAcknowledged.includes(principal)) return false;
  return (
    issuer.principalOf({ credential: id, version: mark.version }, binding.settings) === principal
  );
};

const isOnRecord = async (context: StepContext, entry: ProviderEntry): Promise<boolean> => {
  const { turn, issuer } = context;
  const known = turn.versions.get(entry.mark?.version ?? 0);
  if (known !== undefined && known.rotation === entry.mark?.rotation) return true;
  const { credential } = turn.claim;
  return await isVouched({ ledger: turn.parts.ledger, issuer, credential }, entry);
};
