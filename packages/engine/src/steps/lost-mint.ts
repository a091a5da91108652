import { assert, Fault, nextVersionNumber, type ProviderEntry, type Version } from "@rekey/domain";
import { addVersion, apply, audit, oweDeath, patchVersion, type Turn } from "../rotation/turn.ts";
import { listNow } from "./listing.ts";
import { refuseNewerListing } from "./newer-world.ts";
import { callFor, type StepContext, type StepOutcome } from "./step.ts";

/** Whether a mint of this version was asked whose answer is not recorded, and whose name only the provider knows. */
export const mayBeLost = ({ turn, issuer }: StepContext, version: Version): boolean => {
  const { credential } = turn.claim;
  const ref = { credential: credential.id, version: version.number };
  return (
    version.principal === undefined &&
    issuer.principalOf(ref, credential.issuer.settings) === undefined &&
    turn.effects.some(({ step }) => isMintOf(step, version.number))
  );
};

const isMintOf = (step: string, number: number): boolean =>
  step === `mint#${number}` || step === `cutover#${number}`;

/**
 * What a mint without an answer left at the provider: marked for this version, or absent from the baseline,
 * created since the intent by the provider's clock, never used, on a principal declared exclusive. Throws
 * PROVIDER_UNSURE for what is neither surely ours nor surely foreign.
 */
export const lostMints = async (
  context: StepContext,
  version: Version,
): Promise<readonly ProviderEntry[]> => {
  const { turn, issuer } = context;
  if (!issuer.capabilities.canEnumerate) throw new Fault("PROVIDER_UNSURE");
  const { clock } = turn.parts;
  await clock.sleep(issuer.capabilities.propagationMs, turn.kept.signal);
  const first = await freshEntries(context, version);
  const second = await freshEntries(context, version);
  return [...new Map([...first, ...second].map((entry) => [entry.principal, entry])).values()];
};

const freshEntries = async (
  context: StepContext,
  version: Version,
): Promise<readonly ProviderEntry[]> => {
  const { turn } = context;
  const listing = await listNow(context);
  if (!listing.complete) throw new Fault("PROOF_UNKNOWN");
  const known = new Set([...turn.versions.values()].map(({ principal }) => principal));
  return listing.entries
    .filter(({ principal }) => !known.has(principal))
    .filter(({ principal }) => !turn.claim.foreignAcknowledged.includes(principal))
    .filter((entry) => isOurs(context, entry, version));
};

/**
 * Whether an unmarked entry is surely the late effect of a mint of this rotation whose answer was lost; a doubt
 * is no.
 */
export const isLateMint = (context: StepContext, entry: ProviderEntry): boolean => {
  if (entry.mark !== undefined) return false;
  const unnamed = [...context.turn.versions.values()].filter((one) => mayBeLost(context, one));
  return unnamed.some((version) => {
    try {
      return isOurs(context, entry, version);
    } catch {
      return false;
    }
  });
};

const isOurs = ({ turn, issuer }: StepContext, entry: ProviderEntry, version: Version): boolean => {
  const { mark, principal, createdAt, lastUsedAt } = entry;
  if (mark !== undefined)
    return (
      mark.credential === version.credential &&
      mark.version === version.number &&
      mark.rotation === version.rotation
    );
  const baseline = turn.effects.find(
    (effect) => isMintOf(effect.step, version.number) && effect.baseline !== undefined,
  )?.baseline;
  if (issuer.capabilities.canMark || baseline?.includes(principal) === true) return false;
  const since = intentOf(turn, version.number);
  const sure =
    baseline !== undefined &&
    createdAt !== undefined &&
    createdAt >= since &&
    lastUsedAt === undefined &&
    turn.claim.credential.exclusive;
  if (!sure) throw new Fault("PROVIDER_UNSURE", { providerCode: principal });
  return true;
};

/** The first intent while its step is open; after that no later than the rotation's begin. */
const intentOf = ({ rotation }: Turn, number: number): number =>
  rotation.open !== undefined && isMintOf(rotation.open.key, number)
    ? rotation.open.intendedAt
    : rotation.startedAt;

/** Takes what was found into the ledger: the first as this version, others under numbers of their own. */
export const adoptLost = (
  turn: Turn,
  version: Version,
  found: readonly ProviderEntry[],
): readonly number[] =>
  found.map(({ principal, mark, state }, index) => {
    const number =
      index === 0
        ? version.number
        : nextVersionNumber([...turn.versions.values()], turn.rotation.successor);
    const seen = { principal, marked: mark !== undefined, mintedAt: turn.now };
    if (index === 0) patchVersion(turn, number, lifeFound(turn, number, seen));
    else addVersion(turn, { ...version, ...seen, number, label: "none", life: state });
    const detail = { principal };
    const reason = "found at the provider after an answer that was lost";
    audit(turn, "version.minted", { reason, version: number, detail });
    return number;
  });

/** A version whose end was asked already stays ending. */
const lifeFound = (turn: Turn, number: number, seen: Partial<Version>): Partial<Version> =>
  turn.versions.get(number)?.life === "planned" ? { ...seen, life: "valid" } : seen;

/** Versions whose value nobody has die in this rotation, and where one was to follow another is made at once. */
export const giveUp = (
  turn: Turn,
  numbers: readonly number[],
  reason: string,
): Extract<StepOutcome, { end: "wait" }> => {
  const cause = turn.rotation.causes[0];
  assert(cause !== undefined, "a rotation has a cause");
  const escalation = { cause, versions: numbers, wanted: turn.rotation.wanted };
  apply(turn, { type: "escalate", escalation }, reason);
  for (const number of numbers) oweDeath(turn, number, reason);
  return { end: "wait", for: "time", until: turn.now, reason };
};

/** The provider's names when a mint is intended: what is missing there later may be ours. */
export const baselineOf = async (context: StepContext): Promise<readonly string[]> => {
  const { turn, issuer } = context;
  if (!issuer.capabilities.canEnumerate) return [];
  const { id, issuer: binding } = turn.claim.credential;
  const listing = await issuer.list(id, binding.settings, callFor(context));
  await refuseNewerListing(context, listing);
  return listing.entries.map((entry) => entry.principal);
};
