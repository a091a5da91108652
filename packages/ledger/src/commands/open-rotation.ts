import {
  bornRotation,
  escalationOf,
  isAlive,
  isTerminal,
  markExposed,
  obligationId,
  rotationId,
  versionLabelText,
  type CaseId,
  type CredentialId,
  type RotationId,
  type RotationOpening,
  type Version,
} from "@rekey/domain";
import type { Draft } from "../rows/draft.ts";
import { freshHold, type RotationRow } from "../rows/rows.ts";
import { auditOwn, detailOf } from "./audit.ts";
import { leaveInput, preempt } from "./inputs.ts";

export interface Opened {
  readonly rotation: RotationId;
  /** Nobody works at it: the same commit may intend its first step. */
  readonly free: boolean;
}

export const versionsOf = (draft: Draft, credential: CredentialId): readonly Version[] =>
  draft
    .rows("versions")
    .filter((version) => version.credential === credential)
    .sort((left, right) => left.number - right.number);

export const activeRotation = (draft: Draft, credential: CredentialId): RotationRow | undefined =>
  draft.rows("rotations").find((row) => row.credential === credential && !isTerminal(row));

/**
 * One active rotation per credential: a wish joins the one there is, or opens one that is due now. An
 * exposure, or an end without successor, pre-empts whoever works on it.
 */
export const openRotation = (draft: Draft, wish: RotationOpening): Opened => {
  const opening = wantedNow(draft, wish);
  expose(draft, opening);
  const active = activeRotation(draft, opening.credential);
  return active === undefined ? bear(draft, opening) : join(draft, active, opening);
};

/** A wish from before the credential ended brings no successor: whatever still lives of it dies. */
export const wantedNow = (draft: Draft, wish: RotationOpening): RotationOpening =>
  draft.get("holds", wish.credential)?.ended === true ? { ...wish, wanted: "none" } : wish;

/** Versions an exposure names carry the moment it was known; audited once. */
export const expose = (draft: Draft, opening: RotationOpening): void => {
  const versions = versionsOf(draft, opening.credential);
  const exposed = escalationOf(opening, versions).versions;
  for (const version of versions) {
    const marked = markExposed(version, exposed, draft.now);
    if (marked === version) continue;
    draft.put("versions", marked);
    auditOwn(draft, {
      type: "version.exposed",
      reason: "a signal names this version",
      credential: version.credential,
      version: version.number,
      case: opening.cause.case,
      detail: {},
    });
  }
};

const bear = (draft: Draft, opening: RotationOpening): Opened => {
  const hold = draft.get("holds", opening.credential) ?? freshHold(opening.credential);
  const versions = versionsOf(draft, opening.credential);
  const number = hold.rotationNumber + 1;
  const id = rotationId(draft.newId());
  const rotation = bornRotation(opening, { id, number, versions, now: draft.now });
  draft.put("rotations", rotation);
  draft.put("holds", { ...hold, rotationNumber: number });
  auditOwn(draft, {
    type: "rotation.opened",
    reason: opening.cause.kind,
    credential: opening.credential,
    case: opening.cause.case,
    rotation: id,
    detail: detailOf({
      number,
      wanted: rotation.wanted,
      dying: rotation.dying,
      mode: opening.mode,
    }),
  });
  owe(draft, opening, rotation.dying);
  return { rotation: id, free: true };
};

const join = (draft: Draft, active: RotationRow, opening: RotationOpening): Opened => {
  const versions = versionsOf(draft, opening.credential);
  const escalation = escalationOf(opening, versions);
  const { unknownSince } = opening;
  const since = unknownSince === undefined ? {} : { unknownSince };
  leaveInput(
    draft,
    { kind: "rotation", id: active.id },
    { input: { type: "escalate", escalation, ...since } },
  );
  const hold = draft.get("holds", opening.credential);
  if (isSevere(opening) && hold !== undefined) preempt(draft, hold);
  oweJoined(draft, opening, active);
  return { rotation: active.id, free: false };
};

/** What a cause that joins asks to die is owed to its own case from now on. */
export const oweJoined = (
  draft: Draft,
  opening: RotationOpening,
  active: Pick<RotationRow, "dying">,
): void => {
  const versions = versionsOf(draft, opening.credential);
  const alive = versions.filter(isAlive).map(({ number }) => number);
  const asked =
    opening.cause.kind === "exposure" ? escalationOf(opening, versions).versions : active.dying;
  const dying =
    opening.wanted === "none" ? alive : alive.filter((number) => asked.includes(number));
  owe(draft, opening, dying);
};

const isSevere = ({ cause, wanted }: RotationOpening): boolean =>
  cause.kind === "exposure" || wanted === "none";

/** One obligation for each version of the case that must die; one that is open already stays as it is. */
const owe = (draft: Draft, opening: RotationOpening, dying: readonly number[]): void => {
  const { credential, cause } = opening;
  const owner = draft.get("credentials", credential)?.owner;
  for (const version of dying) {
    if (isOwed(draft, { case: cause.case, credential, version })) continue;
    const id = obligationId(draft.newId());
    draft.put("obligations", {
      id,
      case: cause.case,
      credential,
      version,
      ...(owner === undefined ? {} : { owner }),
      openedAt: draft.now,
      dueAt: draft.now,
      attempts: 0,
    });
    auditOwn(draft, {
      type: "obligation.opened",
      reason: `${versionLabelText({ credential, version })} must die`,
      credential,
      version,
      case: cause.case,
      detail: { obligation: id },
    });
  }
};

const isOwed = (
  draft: Draft,
  owed: { readonly case: CaseId; readonly credential: CredentialId; readonly version: number },
): boolean =>
  draft
    .rows("obligations")
    .some(
      (row) =>
        row.settledAt === undefined &&
        row.case === owed.case &&
        row.credential === owed.credential &&
        row.version === owed.version,
    );
