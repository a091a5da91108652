import { Fault, type Call, type CaseItem, type CredentialView } from "@rekey/domain";
import { issuerFor } from "../parts.ts";
import { isVouched } from "../steps/ownership.ts";
import type { CaseTurn } from "./case-turn.ts";

const callOf = (turn: CaseTurn): Call => ({
  signal: turn.kept.signal,
  deadlineMs: turn.kept.callDeadlineMs(),
  key: `${turn.case.id}/enumerate`,
});

/** Asks the provider, not our tables, which items that have ended still have something there. */
export const leftAtProvider = async (turn: CaseTurn): Promise<readonly CaseItem[]> => {
  const left: CaseItem[] = [];
  for (const item of turn.items) {
    if (item.outcome !== "ended") continue;
    const view = await turn.parts.ledger.credential(item.credential);
    if (view !== undefined && (await somethingOfOurs(turn, view))) left.push(item);
  }
  return left;
};

const somethingOfOurs = async (
  turn: CaseTurn,
  { credential, versions }: CredentialView,
): Promise<boolean> => {
  const issuer = issuerFor(turn.parts, credential.issuer.instance, () => "planned");
  if (issuer === undefined) throw new Fault("CONFIG_MISSING");
  if (!issuer.capabilities.canEnumerate) return false;
  const listing = await issuer.list(credential.id, credential.issuer.settings, callOf(turn));
  const principals = new Set(versions.map((version) => version.principal));
  const claimant = { ledger: turn.parts.ledger, issuer, credential };
  for (const entry of listing.entries)
    if (principals.has(entry.principal) || (await isVouched(claimant, entry))) return true;
  if (!listing.complete) throw new Fault("PROOF_UNKNOWN");
  return false;
};
