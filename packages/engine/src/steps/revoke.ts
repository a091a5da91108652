import { Fault, severityOf, watchId, type Instant, type Version } from "@rekey/domain";
import { audit, patchVersion, settleDeath, type Turn } from "../rotation/turn.ts";
import { isEntryOf, showsInTime } from "./listing.ts";
import { waitsUntil } from "./long-wait.ts";
import { adoptLost, giveUp, lostMints, mayBeLost } from "./lost-mint.ts";
import {
  callFor,
  done,
  providerVersionOf,
  subjectOf,
  type Step,
  type StepContext,
  type StepOutcome,
} from "./step.ts";

/** When the irreversible end may be asked: planned causes keep the old version reinstatable for a while. */
export const revokeWait = (turn: Turn, version: number): StepOutcome | undefined => {
  const subject = turn.versions.get(version);
  if (
    subject === undefined ||
    severityOf(turn.rotation) !== "planned" ||
    subject.exposedAt !== undefined
  )
    return undefined;
  const since = stoppedBeing(turn, subject);
  const until = waitsUntil(turn, {
    key: `revoke#${version}`,
    since,
    until: since + turn.claim.policy.reversibleForMs,
  });
  if (until === undefined) return undefined;
  return {
    end: "wait",
    for: "time",
    until,
    reason: "the old version can still be reinstated until then",
  };
};

/** Since when it is only kept for the way back: suspended, or, where there is no such stop, replaced. */
const stoppedBeing = ({ rotation, versions }: Turn, subject: Version): Instant =>
  subject.suspendedAt ?? versions.get(rotation.successor ?? -1)?.promotedAt ?? rotation.startedAt;

/** The irreversible end at the issuer. Its intent already made the version's life `ending`. */
export const revoke: Step = async (context) => {
  const { turn, issuer } = context;
  const surplus = await locateLost(context);
  if (surplus !== undefined) return surplus;
  const version = subjectOf(context);
  const target = providerVersionOf(context, version);
  let derivedEnded = 0;
  if (target !== undefined) {
    derivedEnded = (await issuer.revoke(target, callFor(context))).ended;
    await confirmGone(context, version);
  }
  if (version.provenDeadAt === undefined)
    return done("ended at the issuer; its proof follows", { derivedEnded });
  patchVersion(turn, version.number, { life: "revoked" });
  finishDeath(turn, version.number);
  return done("ended at the issuer", { derivedEnded });
};

/** A version whose mint got no answer is found before it is ended: nothing to end is not the same as ended. */
const locateLost = async (context: StepContext): Promise<StepOutcome | undefined> => {
  const version = subjectOf(context);
  if (!mayBeLost(context, version)) return undefined;
  const found = await lostMints(context, version);
  const surplus = adoptLost(context.turn, version, found).slice(1);
  return surplus.length === 0
    ? undefined
    : giveUp(context.turn, surplus, "more than one answer was lost");
};

const confirmGone = async (context: StepContext, version: Version): Promise<void> => {
  if (!context.issuer.capabilities.canEnumerate) return;
  const gone = await showsInTime(
    context,
    ({ entries }) => !entries.some((entry) => isEntryOf(context.turn, entry, version)),
  );
  if (!gone) throw new Fault("PROOF_STILL_ALIVE");
};

/** Ended and proven: the obligation is settled by proof, and a watch starts. */
export const finishDeath = (turn: Turn, number: number): void => {
  audit(turn, "version.revoked", { reason: "ended irreversibly and proven dead", version: number });
  settleDeath(turn, number, "proof");
  const firstDelay = turn.parts.watchDelaysMs[0];
  if (firstDelay === undefined) return;
  turn.draft.watches.push({
    id: watchId(turn.parts.newId()),
    credential: turn.rotation.credential,
    version: number,
    rotation: turn.rotation.id,
    state: "watching",
    probes: 0,
    failures: 0,
    startedAt: turn.now,
    dueAt: turn.now + firstDelay,
  });
  audit(turn, "watch.started", { reason: "a proven death is probed again later", version: number });
};
