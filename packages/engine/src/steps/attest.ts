import {
  assert,
  Fault,
  faultCodes,
  holdMs,
  minute,
  nextVersionNumber,
  type FaultCode,
  type ProviderEntry,
  type Version,
} from "@rekey/domain";
import { callDeadlineMaxMs, HoldLost } from "../hold.ts";
import { addVersion, audit, settleDeath, type Turn } from "../rotation/turn.ts";
import { listNow } from "./listing.ts";
import { giveUp, isLateMint } from "./lost-mint.ts";
import { refuseNewerListing } from "./newer-world.ts";
import { isVouched } from "./ownership.ts";
import {
  callFor,
  done,
  providerVersionOf,
  type Step,
  type StepContext,
  type StepOutcome,
} from "./step.ts";

/** How long until somebody looks again whether a person acknowledged what is foreign. */
const foreignLookMs = 15 * minute;

interface Sorted {
  readonly current: readonly ProviderEntry[];
  readonly ours: readonly ProviderEntry[];
  readonly foreign: readonly ProviderEntry[];
}

/** The provider's list is the current version and acknowledged foreign ones, nothing else. */
export const attest: Step = async (context) => {
  const { turn, issuer } = context;
  const later = afterLostClaims(context);
  if (later !== undefined) return later;
  await settleJoined(turn);
  if (!issuer.capabilities.canEnumerate)
    return finish(turn, "the provider cannot list; probes stand alone");
  const listing = await listNow(context);
  if (!listing.complete) throw new Fault("PROVIDER_UNSURE");
  await refuseNewerListing(context, listing);
  const sorted = await sort(context, listing.entries);
  const returned = sorted.ours.filter((entry) => isRevoked(turn, entry));
  if (returned.length > 0) return await endAgain(context, returned);
  if (sorted.ours.length > 0) return reap(turn, sorted.ours);
  const unacknowledged = await unaccounted(turn, sorted.foreign);
  if (unacknowledged.length > 0) return waitForPerson(turn, unacknowledged);
  return finish(turn, "the provider lists the current version and nothing else of ours");
};

/** Debts that a joining case wrote after this claim: what is proven dead by now is paid for them too. */
const settleJoined = async (turn: Turn): Promise<void> => {
  const debt = await turn.parts.ledger.openDebt(turn.claim.hold);
  if (debt === undefined) throw new HoldLost();
  for (const owed of debt) if (!turn.obligations.has(owed.id)) turn.obligations.set(owed.id, owed);
  for (const { number, life } of turn.versions.values())
    if (life === "revoked") settleDeath(turn, number, "proof");
};

const isRevoked = (turn: Turn, entry: ProviderEntry): boolean =>
  [...turn.versions.values()].some(
    ({ principal, life }) => principal === entry.principal && life === "revoked",
  );

/** A lost worker's late effect brought back what is recorded as dead: kills commute, so it is ended again. */
const endAgain = async (
  context: StepContext,
  entries: readonly ProviderEntry[],
): Promise<StepOutcome> => {
  const { turn, issuer } = context;
  for (const { principal } of entries) {
    const version = [...turn.versions.values()].find((one) => one.principal === principal);
    const target = version && providerVersionOf(context, version);
    if (version === undefined || target === undefined) continue;
    await issuer.revoke(target, callFor(context));
    const reason = "the provider listed it again: ended once more";
    audit(turn, "version.ending", { reason, version: version.number });
  }
  return {
    end: "wait",
    for: "time",
    until: turn.now,
    reason: "what came back is looked for again",
  };
};

/** A lost claim may have left a late effect: enumerate only after hold, deadline and propagation have passed. */
const afterLostClaims = (context: StepContext): StepOutcome | undefined => {
  const { turn, issuer } = context;
  if (turn.rotation.claimsLost === 0) return undefined;
  const settled =
    (turn.rotation.lastClaimLostAt ?? turn.now) +
    holdMs +
    callDeadlineMaxMs +
    issuer.capabilities.propagationMs;
  if (turn.now >= settled) return undefined;
  return {
    end: "wait",
    for: "time",
    until: settled,
    reason: "a worker was lost: a late effect of it would show until then",
  };
};

/** Ours by our own records. What a person acknowledged as foreign, or what only its mark calls ours, is not. */
const sort = async (context: StepContext, entries: readonly ProviderEntry[]): Promise<Sorted> => {
  const { turn } = context;
  const versions = [...turn.versions.values()];
  // Where versions take turns on one identity, the one that goes on is meant, not those it replaced.
  const recorded = (entry: ProviderEntry): Version | undefined => {
    const named = versions.filter((version) => version.principal === entry.principal);
    return named.find(({ label, life }) => label === "current" && life === "valid") ?? named[0];
  };
  const current: ProviderEntry[] = [];
  const ours: ProviderEntry[] = [];
  const foreign: ProviderEntry[] = [];
  for (const entry of entries) {
    const version = recorded(entry);
    if (version?.label === "current" && version.life === "valid") current.push(entry);
    else if (version !== undefined || (await isStray(context, entry))) ours.push(entry);
    else foreign.push(entry);
  }
  return { current, ours, foreign };
};

/** Minted by us without a record of its name: vouched for by the ledger, or surely a late mint. */
const isStray = async (context: StepContext, entry: ProviderEntry): Promise<boolean> => {
  const { turn, issuer } = context;
  if (turn.claim.foreignAcknowledged.includes(entry.principal)) return false;
  const claimant = { ledger: turn.parts.ledger, issuer, credential: turn.claim.credential };
  return isLateMint(context, entry) || (await isVouched(claimant, entry));
};

/** Foreign and unacknowledged: not a version of another credential either, by the ledger's word and not by its mark's. */
const unaccounted = async (
  turn: Turn,
  entries: readonly ProviderEntry[],
): Promise<readonly ProviderEntry[]> => {
  const left: ProviderEntry[] = [];
  for (const entry of entries) {
    if (turn.claim.foreignAcknowledged.includes(entry.principal)) continue;
    const other =
      entry.mark === undefined
        ? undefined
        : await turn.parts.ledger.credential(entry.mark.credential);
    if (other?.versions.some((version) => version.principal === entry.principal) !== true)
      left.push(entry);
  }
  return left;
};

/** A version of ours that should not be alive: it dies in this rotation, by the same steps as any other. */
const reap = (turn: Turn, orphans: readonly ProviderEntry[]): StepOutcome =>
  giveUp(
    turn,
    orphans.map((orphan) => adopt(turn, orphan)),
    "the provider lists a version of ours that nobody uses",
  );

const adopt = (turn: Turn, orphan: ProviderEntry): number => {
  const known = [...turn.versions.values()].find(
    (version) => version.principal === orphan.principal,
  );
  if (known !== undefined) return known.number;
  const number = freeNumber(turn, orphan);
  const version: Version = {
    credential: turn.rotation.credential,
    number,
    label: "none",
    life: orphan.state,
    rotation: orphan.mark?.rotation ?? turn.rotation.id,
    principal: orphan.principal,
    marked: orphan.mark !== undefined,
    fingerprints: [],
    staged: false,
  };
  addVersion(turn, version);
  return number;
};

/** The number its mark says, unless another principal has it: no record is ever written over. */
const freeNumber = (turn: Turn, { mark, principal }: ProviderEntry): number => {
  const versions = [...turn.versions.values()];
  if (mark === undefined) return nextVersionNumber(versions, turn.rotation.successor);
  const marked = mark.version;
  if (!Number.isSafeInteger(marked) || marked < 1)
    throw new Fault("PROVIDER_UNSURE", { providerCode: principal });
  const taken = turn.versions.get(marked);
  return taken === undefined ? marked : nextVersionNumber(versions, turn.rotation.successor);
};

/** Made since an incident began: whoever has the leaked version may have made it. */
const isSuspect = (turn: Turn, { createdAt }: ProviderEntry): boolean =>
  createdAt !== undefined &&
  turn.rotation.causes.some((cause) => cause.kind === "exposure" && createdAt >= cause.at);

const foreignCode: FaultCode = "FOREIGN_PRESENT";

const waitForPerson = (turn: Turn, foreign: readonly ProviderEntry[]): StepOutcome => {
  const suspect = foreign.some((entry) => isSuspect(turn, entry));
  const principals = foreign.map((entry) => entry.principal);
  audit(turn, "provider.foreign-found", {
    reason: "neither minted nor adopted by Rekey: never touched",
    detail: { code: foreignCode, principals },
  });
  turn.parts.log.warn("what is foreign waits for a person", {
    rotation: turn.rotation.id,
    credential: turn.rotation.credential,
    code: foreignCode,
    count: foreign.length,
  });
  turn.draft.notices.push({
    to: suspect ? "on-call" : "owner",
    about: turn.rotation.credential,
    text: `${faultCodes[foreignCode].text} (${principals.join(", ")}): ${faultCodes[foreignCode].next}`,
    dedupeKey: `foreign/${turn.rotation.id}/${principals.join(",")}`,
    urgency: suspect ? "page" : "today",
  });
  return {
    end: "wait",
    for: "person",
    until: turn.now + foreignLookMs,
    reason: `acknowledge what is foreign: ${principals.join(", ")}`,
  };
};

const finish = (turn: Turn, reason: string): StepOutcome => {
  // An undone rotation owes no death of the version it went back to.
  for (const version of turn.versions.values()) {
    if (turn.rotation.undoing && version.label === "current")
      settleDeath(turn, version.number, "dismissed");
  }
  const open = [...turn.obligations.values()].filter(
    (owed) => owed.settledAt === undefined && owed.version !== undefined,
  );
  const unproven = open.filter(
    (owed) => turn.versions.get(owed.version ?? -1)?.provenDeadAt === undefined,
  );
  assert(unproven.length === 0, "nothing owed is left without a proof when a rotation is attested");
  if (turn.rotation.wanted === "none" && !turn.rotation.undoing) turn.draft.ended = true;
  return done(reason);
};
