import {
  assert,
  type CaseCommit,
  type CaseItem,
  type Hold,
  type RotationOpening,
} from "@rekey/domain";
import type { Draft } from "../rows/draft.ts";
import { caseItemKey, caseItemOf, isOwnedBy, released, type CaseRow } from "../rows/rows.ts";
import { recordAudit } from "./audit.ts";
import { openRotation } from "./open-rotation.ts";
import { sendNotices } from "./outbox-record.ts";
import { consumeInputs, wokenBy } from "./record-rotation.ts";

/** A case's turn; undefined when the fence moved on, and then nothing is written. */
export const recordCase = (
  draft: Draft,
  hold: Hold,
  commit: CaseCommit,
): readonly CaseItem[] | undefined => {
  const stored = draft.get("cases", hold.id);
  if (stored === undefined || !isOwnedBy(stored, hold.fence)) return undefined;
  assert(commit.case.id === hold.id, "a commit of another case than the one held");
  for (const item of commit.items)
    draft.put("caseItems", { ...item, case: hold.id as CaseRow["id"] });
  for (const obligation of commit.obligations) draft.put("obligations", obligation);
  for (const opening of inIdOrder(commit.openings)) open(draft, hold, opening);
  const left = consumeInputs(draft, hold, commit.inputsConsumed);
  draft.put("cases", caseAfter(draft, { stored, commit, left }));
  recordAudit(draft, commit.audit);
  sendNotices(draft, commit.notices);
  return itemsOf(draft, hold.id);
};

export const itemsOf = (draft: Draft, caseId: string): readonly CaseItem[] =>
  draft
    .rows("caseItems")
    .filter((item) => item.case === caseId)
    .sort((left, right) => (left.credential < right.credential ? -1 : 1))
    .map(caseItemOf);

const inIdOrder = (openings: readonly RotationOpening[]): readonly RotationOpening[] =>
  [...openings].sort((left, right) => (left.credential < right.credential ? -1 : 1));

const open = (draft: Draft, hold: Hold, opening: RotationOpening): void => {
  const { rotation } = openRotation(draft, opening);
  const key = caseItemKey(hold.id, opening.credential);
  const item = draft.get("caseItems", key);
  assert(item !== undefined, "an opening for a credential that is no item of its case");
  draft.put("caseItems", { ...item, rotation });
};

/** Signals that joined in the meantime are counted; everything else is the holder's word. */
const caseAfter = (
  draft: Draft,
  after: { readonly stored: CaseRow; readonly commit: CaseCommit; readonly left: boolean },
): CaseRow => {
  const { stored, commit, left } = after;
  const { fence, holdUntil, holdOpen, holdBy } = stored;
  const signals = Math.max(stored.signals, commit.case.signals);
  const row = {
    ...commit.case,
    signals,
    fence,
    holdUntil,
    holdOpen,
    ...(holdBy === undefined ? {} : { holdBy }),
  };
  const over = commit.release || commit.case.state.at === "closed";
  // A turn that goes on is due at once, should its worker die before it says when.
  return wokenBy(left || !over, over ? released(row) : row, draft.now);
};
