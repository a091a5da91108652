import type { AuditDraft, AuditEventType, CaseState, RotationState } from "@rekey/domain";

type Looked = CaseState | RotationState;

/**
 * What a turn adds to the audit: nothing where it took the work up and found the very thing that it had waited for.
 * Only the time of the next look moved then; a case may wait for a person for months, and looks all that time.
 */
export const newsOf = (
  audit: readonly AuditDraft[],
  { before, after }: { readonly before: Looked; readonly after: Looked },
): readonly AuditDraft[] => {
  const [first, second, ...rest] = audit.map(({ type }) => type);
  const isIdle = taken.has(first) && laidDown.has(second) && rest.length === 0;
  return isIdle && isSame(before, after) ? [] : [...audit];
};

const taken = new Set<AuditEventType | undefined>(["case.proceeded", "rotation.proceeded"]);
const laidDown = new Set<AuditEventType | undefined>(["case.waiting", "rotation.waiting"]);

const isSame = (before: Looked, after: Looked): boolean =>
  before.at === "waiting" &&
  after.at === "waiting" &&
  before.for === after.for &&
  before.reason === after.reason;
