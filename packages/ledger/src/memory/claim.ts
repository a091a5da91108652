import {
  holdMs,
  isTerminal,
  type CaseClaim,
  type CaseId,
  type Hold,
  type Instant,
  type RotationClaim,
  type RotationId,
  type WatchClaim,
  type WatchId,
} from "@rekey/domain";
import { caseClaim, rotationClaim, watchClaim } from "../commands/claims.ts";
import type { Draft } from "../rows/draft.ts";
import { activeRotation } from "../commands/open-rotation.ts";
import { dueAtOf, isOwnedBy, preempted, type HoldColumns, type RotationRow } from "../rows/rows.ts";

interface ClaimRequest<Id> {
  readonly id: Id;
  readonly worker: string;
}

const isFree = (row: HoldColumns, now: number): boolean => row.holdUntil < now;

const taken = <Row extends HoldColumns>(draft: Draft, row: Row, worker: string): Row => ({
  ...row,
  fence: row.fence + 1,
  holdUntil: draft.now + holdMs,
  holdBy: worker,
  holdOpen: true,
});

/** Takes a rotation that is due and free. A hold that ran out unreleased counts as a lost claim. */
export const claimRotation = (
  draft: Draft,
  { id, worker }: ClaimRequest<RotationId>,
): RotationClaim | undefined => {
  const row = draft.get("rotations", id);
  const owned = row && draft.get("holds", row.credential);
  if (row === undefined || owned === undefined || !isFree(owned, draft.now)) return undefined;
  if (isTerminal(row) || dueAtOf(row) > draft.now) return undefined;
  if (owned.holdOpen) draft.put("rotations", withLostClaim(row, draft.now));
  draft.put("holds", taken(draft, owned, worker));
  return rotationClaim(draft, {
    kind: "rotation",
    id,
    row: row.credential,
    fence: owned.fence + 1,
  });
};

const withLostClaim = (row: RotationRow, now: Instant): RotationRow => ({
  ...row,
  claimsLost: row.claimsLost + 1,
  lastClaimLostAt: now,
});

/** Ends every hold but this worker's; each counts as a lost claim. */
export const endForeignHolds = (draft: Draft, worker: string): number => {
  const cases = draft.rows("cases").filter((row) => row.holdOpen && row.holdBy !== worker);
  const owned = draft.rows("holds").filter((row) => row.holdOpen && row.holdBy !== worker);
  for (const row of cases) draft.put("cases", preempted(row));
  for (const row of owned) {
    draft.put("holds", preempted(row));
    const rotation = activeRotation(draft, row.credential);
    if (rotation !== undefined) draft.put("rotations", withLostClaim(rotation, draft.now));
  }
  for (const row of draft.rows("shards"))
    if (row.holdUntil > 0 && row.holdBy !== worker) draft.put("shards", { ...row, holdUntil: 0 });
  return cases.length + owned.length;
};

export const claimCase = (
  draft: Draft,
  { id, worker }: ClaimRequest<CaseId>,
): CaseClaim | undefined => {
  const row = draft.get("cases", id);
  if (row === undefined || row.state.at === "closed" || !isFree(row, draft.now)) return undefined;
  if (dueAtOf(row) > draft.now) return undefined;
  draft.put("cases", taken(draft, row, worker));
  return caseClaim(draft, { kind: "case", id, row: id, fence: row.fence + 1 });
};

export const claimWatch = (
  draft: Draft,
  { id, worker }: ClaimRequest<WatchId>,
): WatchClaim | undefined => {
  const row = draft.get("watches", id);
  const owned = row && draft.get("holds", row.credential);
  if (row === undefined || owned === undefined || !isFree(owned, draft.now)) return undefined;
  if (row.state !== "watching" || row.dueAt > draft.now) return undefined;
  draft.put("holds", taken(draft, owned, worker));
  return watchClaim(draft, { kind: "watch", id, row: row.credential, fence: owned.fence + 1 });
};

/** The row that a hold lives on. */
export const holdRowOf = (draft: Draft, hold: Hold): HoldColumns | undefined =>
  hold.kind === "case" ? draft.get("cases", hold.id) : draft.get("holds", hold.row);

/** False when the hold was lost, ended or given back. */
export const renew = (draft: Draft, hold: Hold): boolean => {
  const row = holdRowOf(draft, hold);
  if (row === undefined || !isOwnedBy(row, hold.fence)) return false;
  const holdUntil = draft.now + holdMs;
  if (hold.kind === "case") {
    const subject = draft.get("cases", hold.id);
    if (subject !== undefined) draft.put("cases", { ...subject, holdUntil });
    return true;
  }
  const owned = draft.get("holds", hold.row);
  if (owned !== undefined) draft.put("holds", { ...owned, holdUntil });
  return true;
};
