import {
  advanceWatch,
  alarmAtAttempt,
  auditEventId,
  Assertion,
  backoffMs,
  engineActor,
  Fault,
  faultCodes,
  isRefusal,
  judgeProof,
  minute,
  type AuditEventType,
  type Call,
  type Issuer,
  type Material,
  type Notice,
  type ProbeRecord,
  type Version,
  type WatchClaim,
  type WatchCommand,
  type WatchCommit,
  type WatchId,
} from "@rekey/domain";
import { controlTries, noProof, positiveControl } from "../controls.ts";
import { HoldLost, keepHold, type KeptHold } from "../hold.ts";
import { keptAt, readKept } from "../material.ts";
import { issuerFor, type EngineParts } from "../parts.ts";
import { busyLookMs, ProviderBusy } from "../provider-share.ts";
import { isEntryOf } from "../steps/listing.ts";
import { timeSeen } from "../steps/time-seen.ts";

interface WatchTurn {
  readonly parts: EngineParts;
  readonly claim: WatchClaim;
  readonly kept: KeptHold;
}

/** Claims a watch and probes once what was proven dead; the last probe destroys the store's probe material. */
export const advanceWatching = async (
  parts: EngineParts,
  id: WatchId,
): Promise<"advanced" | "not-claimed"> => {
  const heldSinceMs = parts.clock.monotonicMs();
  const claim = await parts.ledger.claimWatch({ id, worker: parts.worker });
  if (claim === undefined) return "not-claimed";
  const kept = keepHold(parts, claim.hold, heldSinceMs);
  try {
    await turnOf({ parts, claim, kept });
  } catch (error) {
    if (error instanceof Assertion) throw error;
    if (!(error instanceof HoldLost) && !kept.signal.aborted) throw error;
    parts.log.info("watch taken over", { watch: id });
  } finally {
    kept.stop();
  }
  return "advanced";
};

const turnOf = async (turn: WatchTurn): Promise<void> => {
  try {
    const verdict = await look(turn);
    if (verdict === "alive") return await reopen(turn);
    if (verdict === "unknown") throw new Fault("PROOF_UNKNOWN");
    const next = advanceOrThrow(turn, { type: "still-dead" });
    if (next.state === "ended") return await endWatch(turn, next);
    await record(turn, { watch: next, audit: [drafted(turn, "watch.probed", "still dead")] });
  } catch (error) {
    if (error instanceof ProviderBusy) return await comeAgain(turn);
    if (!(error instanceof Fault) || error.code === "LEDGER_UNREACHABLE") throw error;
    if (turn.kept.signal.aborted) throw new HoldLost();
    await lookLater(turn, error);
  }
};

/** Nothing was asked, so nothing failed. */
const comeAgain = async (turn: WatchTurn): Promise<void> => {
  if (turn.kept.signal.aborted) throw new HoldLost();
  const watch = { ...turn.claim.watch, dueAt: turn.claim.now + busyLookMs("sweep") };
  await record(turn, { watch, audit: [] });
};

/** Unknown is neither dead nor alive: it looks again, slower each time, and tells people at the third. */
const lookLater = async (turn: WatchTurn, fault: Fault): Promise<void> => {
  const { code, retryAfterMs, providerCode = "" } = fault;
  const { parts, claim } = turn;
  const { watch, credential } = claim;
  const dueAt = claim.now + backoffMs(watch.failures, parts.random(), retryAfterMs ?? 0);
  const next = advanceOrThrow(turn, { type: "unanswered", dueAt });
  parts.log.warn("watch will look again", {
    watch: watch.id,
    credential: credential.id,
    code,
    providerCode,
  });
  const notice: Notice = {
    to: "owner",
    about: credential.id,
    text: `${credential.id}#${watch.version} cannot be watched: ${faultCodes[code].next}`,
    dedupeKey: `${watch.id}/${code}`,
    urgency: "today",
  };
  await record(turn, {
    watch: next,
    audit: [drafted(turn, "watch.probed", code)],
    notices: next.failures === alarmAtAttempt ? [notice] : [],
  });
};

/** How soon a paused watch looks whether it may end. */
const pausedLookMs = minute;

/** The last look: the value kept for probes is forgotten, its intent recorded before, and its end after. */
const endWatch = async (turn: WatchTurn, ended: WatchClaim["watch"]): Promise<void> => {
  const { claim } = turn;
  if (claim.pause.paused) {
    const watch = { ...claim.watch, dueAt: claim.now + pausedLookMs };
    const audit = [
      drafted(turn, "watch.probed", "still dead; paused before its value is forgotten"),
    ];
    return await record(turn, { watch, audit });
  }
  await record(turn, {
    watch: claim.watch,
    audit: [
      drafted(turn, "watch.probed", "still dead: the value kept for probes is forgotten now"),
    ],
    release: false,
  });
  await turn.parts.failpoint("watch.before-effect");
  const destroyed = await destroyMaterial(turn);
  await turn.parts.failpoint("watch.after-effect");
  await record(turn, {
    watch: ended,
    audit: [
      ...(destroyed ? [drafted(turn, "version.destroyed", "its watch is over")] : []),
      drafted(turn, "watch.ended", "still dead"),
    ],
  });
};

const advanceOrThrow = (turn: WatchTurn, command: WatchCommand): WatchClaim["watch"] => {
  const next = advanceWatch(turn.claim.watch, command, {
    now: turn.claim.now,
    delays: turn.parts.watchDelaysMs,
  });
  if (isRefusal(next)) throw new Assertion(`${command.type}: ${next.reason}`);
  return next;
};

const record = async (
  turn: WatchTurn,
  commit: Pick<WatchCommit, "watch" | "audit"> & Partial<WatchCommit>,
): Promise<void> => {
  const recorded = await turn.parts.ledger.recordWatch(turn.claim.hold, {
    notices: [],
    release: true,
    ...commit,
  });
  if (recorded === undefined) throw new HoldLost();
};

const drafted = (
  turn: WatchTurn,
  type: AuditEventType,
  reason: string,
): WatchCommit["audit"][number] => ({
  id: auditEventId(turn.parts.newId()),
  type,
  actor: engineActor,
  reason,
  credential: turn.claim.credential.id,
  version: turn.claim.version.number,
  rotation: turn.claim.watch.rotation,
  detail: {},
});

const callOf = (turn: WatchTurn): Call => ({
  signal: turn.kept.signal,
  deadlineMs: turn.kept.callDeadlineMs(),
  key: `${turn.claim.watch.id}/watch/${turn.claim.watch.probes}/${turn.claim.watch.failures}`,
});

const issuerOf = (turn: WatchTurn): Issuer => {
  const issuer = issuerFor(turn.parts, turn.claim.credential.issuer.instance, () => "sweep");
  if (issuer === undefined) throw new Fault("CONFIG_MISSING");
  return issuer;
};

const look = async (turn: WatchTurn): Promise<"dead" | "alive" | "unknown"> => {
  const issuer = issuerOf(turn);
  const { canProbe } = issuer.capabilities;
  const material = canProbe ? await valueOf(turn, turn.claim.version) : undefined;
  if (material !== undefined) return await byProbe(turn, issuer, material);
  // What was proven by trying it is watched by trying it, unless its policy lets a list stand for that.
  const { version, policy } = turn.claim;
  if (version.proof?.grade === "probed" && !policy.allowListedProof)
    throw new Fault("STORE_VALUE_MISSING");
  return await byList(turn, issuer);
};

const valueOf = async (turn: WatchTurn, version: Version): Promise<Material | undefined> => {
  const subject = { credential: turn.claim.credential, version };
  return await readKept(turn.parts.stores, subject, () => callOf(turn));
};

const byList = async (turn: WatchTurn, issuer: Issuer): Promise<"dead" | "alive" | "unknown"> => {
  const { credential, version, versions } = turn.claim;
  const known = {
    versions: new Map(versions.map((one) => [one.number, one])),
    rotation: { dying: [] },
  };
  const listing = await issuer.list(credential.id, credential.issuer.settings, callOf(turn));
  if (!listing.complete) return "unknown";
  return listing.entries.some(
    (entry) => isEntryOf(known, entry, version) && entry.state === "valid",
  )
    ? "alive"
    : "dead";
};

/** One round with both controls; K is for the proof, a watch only looks for a change. */
const byProbe = async (
  turn: WatchTurn,
  issuer: Issuer,
  material: Material,
): Promise<"dead" | "alive"> => {
  const seenAt = timeSeen({ parts: turn.parts, now: turn.claim.now });
  const { versions, version, control } = turn.claim;
  const positive = await positiveControl({
    stores: turn.parts.stores,
    versions,
    dying: [version.number],
    own: async (current) => await valueOf(turn, current),
    control,
    call: () => callOf(turn),
  });
  const subject = { material, version, role: "subject" as const };
  const tries = [subject, subject, ...controlTries(issuer, positive)];
  const probes: ProbeRecord[] = [];
  for (const vantage of issuer.vantages) {
    for (const { material: value, version: of, role } of tries) {
      const reply = await issuer.probe(value, vantage, callOf(turn));
      const ref = { credential: of.credential, version: of.number };
      probes.push({ ...reply, at: seenAt(), role, of: ref });
    }
  }
  const { vantages } = issuer;
  const verdict = judgeProof({ probes, vantages, propagationMs: 0, spanMs: 0 });
  if (verdict.verdict === "unknown") throw noProof(verdict);
  return verdict.verdict;
};

/** Somebody brought it back: its case reopens as a new episode, and people are told at once. */
const reopen = async (turn: WatchTurn): Promise<void> => {
  const { credential, version } = turn.claim;
  await record(turn, {
    watch: advanceOrThrow(turn, { type: "alive-again" }),
    audit: [drafted(turn, "watch.reopened", "a version that was proven dead works again")],
    notices: [
      {
        to: "on-call",
        about: credential.id,
        text: `${credential.id}#${version.number} was proven dead and works again`,
        dedupeKey: `watch/${turn.claim.watch.id}`,
        urgency: "page",
      },
    ],
    reopen: true,
  });
};

const destroyMaterial = async (turn: WatchTurn): Promise<boolean> => {
  const { credential, version } = turn.claim;
  const kept = keptAt(turn.parts.stores, credential);
  if (kept === undefined) return false;
  const ref = { credential: credential.id, version: version.number };
  await kept.store.destroy(kept.address, ref, callOf(turn));
  return true;
};
