import {
  auditEventId,
  engineActor,
  type AuditDraft,
  type AuditEvent,
  type Detail,
} from "@rekey/domain";
import { auditCanonicalJson, auditCloudEvent, sha256Hex, topicNames } from "@rekey/contracts";
import type { Draft } from "../rows/draft.ts";
import type { AuditRow } from "../rows/rows.ts";
import { send } from "./outbox-record.ts";

/** Writes audit rows and their records for the topic, in the transaction of what they tell of. */
export const recordAudit = (draft: Draft, events: readonly AuditDraft[]): void => {
  for (const event of events) recordOne(draft, event);
};

/** What the ledger itself has to say: Rekey acts, on what was recorded. */
export const auditOwn = (
  draft: Draft,
  event: Omit<AuditDraft, "id" | "actor"> & Partial<Pick<AuditDraft, "actor">>,
): void => {
  recordOne(draft, { id: auditEventId(draft.newId()), actor: engineActor, ...event });
};

/** Plain data without absent fields, as canonical JSON and a `detail` need it. */
export const detailOf = (fields: Readonly<Record<string, unknown>>): Detail =>
  JSON.parse(JSON.stringify(fields)) as Detail;

/** The event whose canonical bytes were kept; the digest is of exactly those bytes. */
export const auditEventOf = (row: AuditRow): AuditEvent => {
  const { at: _text, ...rest } = JSON.parse(row.canonical) as Omit<AuditEvent, "digest">;
  return { ...rest, at: row.at, digest: row.digest };
};

const recordOne = (draft: Draft, given: AuditDraft): void => {
  // Who it was, not what they may do.
  const { id, authenticated } = given.actor;
  const actor = { id, authenticated };
  const event = { ...given, actor, at: draft.now, build: draft.build };
  const canonical = auditCanonicalJson(event);
  const digest = sha256Hex(canonical);
  draft.put("audit", rowOf(event, { at: draft.now, digest, canonical }));
  send(draft, { topic: topicNames.audit, event: auditCloudEvent({ ...event, digest }) });
};

const rowOf = (
  event: AuditDraft,
  kept: Pick<AuditRow, "at" | "digest" | "canonical">,
): AuditRow => ({
  id: event.id,
  type: event.type,
  ...kept,
  ...(event.credential === undefined ? {} : { credential: event.credential }),
  ...(event.case === undefined ? {} : { case: event.case }),
  ...(event.rotation === undefined ? {} : { rotation: event.rotation }),
  ...(event.signal === undefined ? {} : { signal: event.signal }),
});
