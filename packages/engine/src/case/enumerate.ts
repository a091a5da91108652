import { Fault, type Call, type CredentialView } from "@rekey/domain";
import type { CaseTurn } from "./case-turn.ts";

const callOf = (turn: CaseTurn): Call => ({
  signal: turn.kept.signal,
  deadlineMs: turn.kept.callDeadlineMs(),
  key: `${turn.case.id}/enumerate`,
});

/** Asks the provider, not our tables, whether anything that had to end is still there. Throws PROOF_STILL_ALIVE. */
export const enumerateAtProvider = async (turn: CaseTurn): Promise<void> => {
  for (const item of turn.items) {
    if (item.outcome !== "ended") continue;
    const view = await turn.parts.ledger.credential(item.credential);
    if (view !== undefined) await nothingOfOurs(turn, view);
  }
};

const nothingOfOurs = async (
  turn: CaseTurn,
  { credential, versions }: CredentialView,
): Promise<void> => {
  const issuer = turn.parts.issuers.get(credential.issuer.instance);
  if (issuer === undefined) throw new Fault("CONFIG_MISSING");
  if (!issuer.capabilities.canEnumerate) return;
  const listing = await issuer.list(credential.id, credential.issuer.settings, callOf(turn));
  const principals = new Set(versions.map((version) => version.principal));
  const left = listing.entries.some(
    (entry) => entry.mark?.credential === credential.id || principals.has(entry.principal),
  );
  if (left || !listing.complete) throw new Fault(left ? "PROOF_STILL_ALIVE" : "PROOF_UNKNOWN");
};
