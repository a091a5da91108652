import {
  assert,
  caseId,
  engineActor,
  modeInForce,
  versionLabelText,
  type Credential,
  type Hold,
  type Mode,
  type Watch,
  type WatchCommit,
} from "@rekey/domain";
import type { Draft } from "../rows/draft.ts";
import { isOwnedBy, noHold, released, versionKey, type CaseRow } from "../rows/rows.ts";
import { auditOwn, recordAudit } from "./audit.ts";
import { openRotation } from "./open-rotation.ts";
import { sendNotices } from "./outbox-record.ts";
import { credentialOf } from "./views.ts";

/** A watch's turn; false when the fence moved on. Alive again: its case gets a new episode in the same commit. */
export const recordWatch = (draft: Draft, hold: Hold, commit: WatchCommit): boolean => {
  const owned = draft.get("holds", hold.row);
  if (owned === undefined || !isOwnedBy(owned, hold.fence)) return false;
  const stored = draft.get("watches", hold.id);
  assert(stored !== undefined, "a hold of a watch that is not there");
  assert(stored.state === "watching", "a commit of a watch that is over");
  draft.put("watches", commit.watch);
  draft.put("holds", commit.release ? released(owned) : owned);
  recordAudit(draft, commit.audit);
  sendNotices(draft, commit.notices);
  if (commit.reopen === true) reopen(draft, commit.watch);
  return true;
};

/** Somebody brought it back: an incident of the next episode, and a rotation that ends it again. */
const reopen = (draft: Draft, watch: Watch): void => {
  const credential = credentialOf(draft, watch.credential);
  assert(credential !== undefined, "a watch of a credential that is not there");
  revive(draft, watch);
  const subject = openEpisode(draft, credential, watch.version);
  const wanted = credential.ended ? ("none" as const) : ("successor" as const);
  const { rotation } = openRotation(draft, {
    credential: credential.id,
    cause: { ...subject.cause, case: subject.id },
    exposed: [watch.version],
    wanted,
    mode: subject.mode,
    approved: false,
  });
  const item = { credential: credential.id, version: watch.version, wanted, wave: 1, rotation };
  draft.put("caseItems", { ...item, case: subject.id });
};

/** Its proof no longer holds: the irreversible end was asked, and is not proven. */
const revive = (draft: Draft, { credential, version }: Watch): void => {
  const stored = draft.get("versions", versionKey(credential, version));
  assert(stored !== undefined, "a watch of a version that is not there");
  const { proof: _proof, provenDeadAt: _provenDeadAt, ...rest } = stored;
  draft.put("versions", { ...rest, life: "ending" });
};

const openEpisode = (draft: Draft, credential: Credential, version: number): CaseRow => {
  const about = versionLabelText({ credential: credential.id, version });
  const [last] = draft
    .rows("cases")
    .filter((row) => row.kind === "incident" && row.about === about)
    .sort((left, right) => right.episode - left.episode);
  if (last !== undefined && last.state.at !== "closed") return last;
  const subject = nextEpisode(draft, credential, {
    version,
    about,
    episode: (last?.episode ?? 0) + 1,
  });
  draft.put("cases", subject);
  auditOwn(draft, {
    type: "case.opened",
    reason: "a version that was proven dead works again",
    case: subject.id,
    credential: credential.id,
    version,
    detail: { kind: subject.kind, about, episode: subject.episode, mode: subject.mode },
  });
  return subject;
};

const nextEpisode = (
  draft: Draft,
  credential: Credential,
  named: { readonly version: number; readonly about: string; readonly episode: number },
): CaseRow => ({
  ...noHold,
  id: caseId(draft.newId()),
  kind: "incident",
  about: named.about,
  episode: named.episode,
  step: "wave",
  state: { at: "running" },
  mode: modeOf(draft, credential),
  cause: {
    kind: "exposure",
    at: draft.now,
    version: named.version,
    confidence: "valid",
    producer: engineActor.id,
    trusted: true,
  },
  producer: engineActor.id,
  approvedBy: [],
  environment: credential.environment,
  signals: 0,
  wave: 1,
  failures: 0,
  dueAt: draft.now,
  openedAt: draft.now,
  occurredAt: draft.now,
});

const modeOf = (draft: Draft, credential: Credential): Mode => {
  const mode = modeInForce(draft.rows("modes"), {
    environment: credential.environment,
    issuer: credential.issuer.instance,
    credential: credential.id,
  });
  if (credential.control) return "act";
  return mode === "act" && credential.protected ? "propose" : mode;
};
