import {
  assert,
  isTerminal,
  type CaseId,
  type EffectEntry,
  versionLifeTransitions,
  type Hold,
  type Input,
  type RotationCommit,
  type Version,
} from "@rekey/domain";
import type { Draft } from "../rows/draft.ts";
import { isOwnedBy, released, versionKey, type CredentialHoldRow } from "../rows/rows.ts";
import { recordAudit } from "./audit.ts";
import { leaveInput } from "./inputs.ts";
import { versionsOf } from "./open-rotation.ts";
import { sendAnnouncement, sendNotices } from "./outbox-record.ts";

/** A turn's commit, all or nothing; false when the fence moved on, and then nothing is written. */
export const recordRotation = (draft: Draft, hold: Hold, commit: RotationCommit): boolean => {
  const owned = draft.get("holds", hold.row);
  if (owned === undefined || !isOwnedBy(owned, hold.fence)) return false;
  const stored = draft.get("rotations", hold.id);
  assert(stored !== undefined, "a hold of a rotation that is not there");
  assert(commit.rotation.id === hold.id, "a commit of another rotation than the one held");
  assert(!isTerminal(stored), "a commit of a rotation that has ended");
  putVersions(draft, commit.versions);
  for (const effect of commit.effects) putEffect(draft, effect);
  for (const obligation of commit.obligations) draft.put("obligations", obligation);
  for (const watch of commit.watches) draft.put("watches", watch);
  const left = consumeInputs(draft, hold, commit.inputsConsumed);
  // A turn that goes on is due at once, should its worker die before it says when; if it was already, since then.
  const since = Math.min(stored.wakeAt ?? draft.now, draft.now);
  draft.put("rotations", wokenBy(left || !commit.release, commit.rotation, since));
  draft.put("holds", holdAfter(draft, owned, commit));
  recordAudit(draft, commit.audit);
  sendNotices(draft, commit.notices);
  tellCases(draft, commit);
  return true;
};

/** What was known when it was intended (the baseline of a mint) outlives its end. */
const putEffect = (draft: Draft, effect: EffectEntry): void => {
  const stored = draft.get("effects", `${effect.rotation}/${effect.step}/${effect.attempt}`);
  draft.put("effects", { ...stored, ...effect });
};

/** Puts versions whose lives only change as the domain allows; at most one stays current. */
const putVersions = (draft: Draft, versions: readonly Version[]): void => {
  for (const version of versions) {
    const stored = draft.get("versions", versionKey(version.credential, version.number));
    const allowed =
      stored === undefined ||
      stored.life === version.life ||
      versionLifeTransitions[stored.life].includes(version.life);
    assert(allowed, `a version never goes from ${stored?.life} to ${version.life}`);
    draft.put("versions", version);
  }
  for (const credential of new Set(versions.map((version) => version.credential))) {
    const current = versionsOf(draft, credential).filter(({ label }) => label === "current");
    assert(current.length <= 1, "two versions of one credential are current");
  }
};

/** Removes what the commit took in, and tells whether anything is left for the next turn. */
export const consumeInputs = (draft: Draft, hold: Hold, consumed: readonly number[]): boolean => {
  const pending = draft
    .rows("inputs")
    .filter((input) => input.targetKind === hold.kind && input.targetId === hold.id);
  for (const input of pending) if (consumed.includes(input.seq)) draft.remove("inputs", input);
  return pending.some((input) => !consumed.includes(input.seq));
};

/** Woken again at once when an input came in that this turn did not see. */
export const wokenBy = <Row extends object>(
  inputsLeft: boolean,
  row: Row,
  now: number,
): Row & { readonly wakeAt?: number } => (inputsLeft ? { ...row, wakeAt: now } : row);

const holdAfter = (
  draft: Draft,
  owned: CredentialHoldRow,
  commit: RotationCommit,
): CredentialHoldRow => {
  const { announce, rotation } = commit;
  const announcementSequence = owned.announcementSequence + (announce === undefined ? 0 : 1);
  if (announce !== undefined) {
    sendAnnouncement(draft, {
      credential: rotation.credential,
      version: announce.version,
      rotation: rotation.id,
      sequence: announcementSequence,
    });
  }
  const after = { ...owned, announcementSequence, ended: owned.ended || commit.ended === true };
  return commit.release || isTerminal(rotation) ? released(after) : after;
};

/** Cases that hear of a commit: those it names, and at its end those it served. In id order. */
export const casesToWake = ({ rotation, wakeCases }: RotationCommit): readonly CaseId[] => {
  const causes = isTerminal(rotation) ? rotation.causes : [];
  return [...new Set([...wakeCases, ...causes.map((cause) => cause.case)])].sort();
};

export const wokenInput = ({ rotation }: RotationCommit): Input => ({
  type: "woken",
  reason: `rotation ${rotation.id} is ${rotation.state.at}`,
});

const tellCases = (draft: Draft, commit: RotationCommit): void => {
  for (const id of casesToWake(commit)) {
    const subject = draft.get("cases", id);
    if (subject === undefined || subject.state.at === "closed") continue;
    leaveInput(draft, { kind: "case", id }, { input: wokenInput(commit) });
  }
};
