import type { AuditDraft, AuditEventType, CaseState, RotationState } from "@rekey/domain";

/** Why a turn takes up what waited: its time has come. Only the beginning of a turn says so. */
export const takenUp = "due";

type Looked = CaseState | RotationState;

/**
 * What a turn adds to the audit: nothing where it took the work up and found the very thing that it had waited for.
 * Only the time of the next look moved then; a case may wait for a person for months, and looks all that time.
 */
export const newsOf = (
  audit: readonly AuditDraft[],
  { before, after }: { readonly before: Looked; readonly after: Looked },
): readonly AuditDraft[] => {
  const [first, second, ...rest] = audit;
  const isIdle =
    first?.reason === takenUp &&
    taken.has(first.type) &&
    laidDown.has(second?.type) &&
    rest.length === 0;
  return isIdle && isSame(before, after) ? [] : [...audit];
};

const taken = new Set<AuditEventType>(["case.proceeded", "rotation.proceeded"]);
const laidDown = new Set<AuditEventType | undefined>(["case.waiting", "rotation.waiting"]);

const isSame = (before: Looked, after: Looked): boolean =>
  before.at === "waiting" &&
  after.at === "waiting" &&
  before.for === after.for &&
  before.reason === after.reason;
