import type {
  Case,
  CaseView,
  CredentialId,
  CredentialView,
  DueWork,
  Lane,
  ScopedCredential,
  ScopeQuery,
  SignalRow,
} from "@rekey/domain";
import { isAlive } from "@rekey/domain";
import type { Draft } from "../rows/draft.ts";
import {
  caseOf,
  rotationOf,
  type CaseRow,
  type CredentialRow,
  type SignalInboxRow,
} from "../rows/rows.ts";
import { activeRotation, versionsOf } from "./open-rotation.ts";
import { itemsOf } from "./record-case.ts";
import { consumerViews, credentialOf, policyOf } from "./views.ts";

/** An incident goes before everything planned; watches are swept. */
export const laneOfCase = (subject: Pick<Case, "kind">): Lane =>
  subject.kind === "incident" ? "urgent" : "planned";

export const credentialView = (draft: Draft, id: CredentialId): CredentialView | undefined => {
  const credential = credentialOf(draft, id);
  const policy = credential && policyOf(draft, credential.policy);
  if (credential === undefined || policy === undefined) return undefined;
  const active = activeRotation(draft, id);
  return {
    credential,
    policy,
    versions: versionsOf(draft, id),
    ...(active === undefined ? {} : { active: rotationOf(active) }),
    consumers: consumerViews(draft, credential),
  };
};

/** A case with its items, their rotations and versions, and everything it owed. */
export const caseView = (draft: Draft, row: CaseRow): CaseView => {
  const items = itemsOf(draft, row.id);
  const rotations = items.flatMap(({ rotation }) => {
    const found = rotation && draft.get("rotations", rotation);
    return found === undefined ? [] : [rotationOf(found)];
  });
  return {
    case: caseOf(row),
    items,
    rotations,
    versions: items.flatMap((item) => versionsOf(draft, item.credential)),
    obligations: draft
      .rows("obligations")
      .filter((owed) => owed.case === row.id)
      .sort((left, right) => (left.id < right.id ? -1 : 1)),
  };
};

export const signalRowOf = (row: SignalInboxRow): SignalRow => ({
  id: row.id,
  outcome: row.outcome,
  reason: row.reason,
  source: row.sourceSystem,
  eventId: row.eventId,
  receivedAt: row.receivedAt,
  ...(row.case === undefined ? {} : { case: row.case }),
  problems: row.problems,
});

/** A credential in a case's scope: what of it lives, and who else uses it. */
export const scopedOf = (
  draft: Draft,
  row: CredentialRow,
  query: ScopeQuery,
): ScopedCredential | undefined => {
  const credential = credentialOf(draft, row.id);
  return (
    credential && {
      credential,
      aliveVersions: versionsOf(draft, row.id)
        .filter(isAlive)
        .map(({ number }) => number),
      otherConsumers: row.consumers.filter((id) => !isInScope(draft, id, query)),
    }
  );
};

const isInScope = (draft: Draft, id: string, query: ScopeQuery): boolean => {
  const consumer = draft.get("consumers", id);
  if (consumer === undefined) return false;
  return query.identity === undefined
    ? consumer.service === query.service && consumer.environment === query.environment
    : consumer.identity === query.identity;
};

/** Earliest first; the same moment in id order. */
export const inDueOrder = (left: DueWork, right: DueWork): number =>
  left.dueAt - right.dueAt || (left.id < right.id ? -1 : 1);
