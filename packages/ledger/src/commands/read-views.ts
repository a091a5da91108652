import type {
  Case,
  CaseItem,
  CaseView,
  CredentialId,
  CredentialView,
  DueWork,
  Lane,
  Rotation,
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

/** A case with its items, every rotation that served them for it, their versions, and everything it owed. */
export const caseView = (draft: Draft, row: CaseRow): CaseView => {
  const items = itemsOf(draft, row.id);
  return {
    case: caseOf(row),
    items,
    rotations: rotationsFor(draft, row, items),
    versions: items.flatMap((item) => versionsOf(draft, item.credential)),
    obligations: draft
      .rows("obligations")
      .filter((owed) => owed.case === row.id)
      .sort((left, right) => (left.id < right.id ? -1 : 1)),
  };
};

/** An item names the last one; a credential that was asked for again had others before. */
const rotationsFor = (
  draft: Draft,
  { id }: CaseRow,
  items: readonly CaseItem[],
): readonly Rotation[] => {
  const named = new Set(items.map(({ rotation }) => rotation));
  const serving = draft
    .rows("rotations")
    .filter((one) => named.has(one.id) || one.causes.some((cause) => cause.case === id));
  const ofCredential = Map.groupBy(serving, ({ credential }) => credential);
  return items.flatMap(({ credential }) =>
    (ofCredential.get(credential) ?? [])
      .toSorted((left, right) => left.number - right.number)
      .map(rotationOf),
  );
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
