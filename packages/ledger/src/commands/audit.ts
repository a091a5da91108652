import {
  assert,
  auditEventId,
  engineActor,
  toRfc3339,
  type AuditDraft,
  type AuditEvent,
  type Detail,
} from "@rekey/domain";
import {
  auditCloudEvent,
  canonicalJson,
  eventBytesMax,
  frameCloudEvent,
  recordKeyOf,
  sha256Hex,
  structuredContentType,
  topicNames,
  type EventFrame,
} from "@rekey/contracts";
import type { Draft } from "../rows/draft.ts";
import type { AuditRow, OutboxRow } from "../rows/rows.ts";
import { shardOf } from "./outbox-record.ts";

/** An audit event's attributes, time and digest; each attribute is a name, an id or a constant. */
const frameBytesMax = 4_096;
const eventHeaders = { "content-type": structuredContentType };

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
  const { row, head, tail, record } = auditInWriting(given, draft.build);
  const { beforeTime, beforeData, ...outgoing } = record;
  const time = toRfc3339(draft.now);
  const canonical = `${head}${time}${tail}`;
  const digest = sha256Hex(canonical);
  const data = `${canonical.slice(0, -1)},"digest":"${digest}"}`;
  const value = `${beforeTime}${time}${beforeData}${data}}`;
  draft.put("audit", { ...row, at: draft.now, digest, canonical });
  draft.put("outbox", { position: draft.nextSequence(), ...outgoing, value });
};

/**
 * An event as it is kept and told, in pieces around what its transaction's clock says: its canonical bytes are
 * `head + time + tail`, its record's value is the frame around time and data, which are the canonical bytes and
 * their digest. Whoever knows the time puts them together: here, or PostgreSQL in the statement that writes them.
 */
export interface AuditInWriting {
  readonly row: Omit<AuditRow, "at" | "digest" | "canonical">;
  readonly head: string;
  readonly tail: string;
  readonly record: Pick<OutboxRow, "shard" | "topic" | "key" | "headers"> & EventFrame;
}

export const auditInWriting = (given: AuditDraft, build: string): AuditInWriting => {
  // Who it was, not what they may do.
  const { id, authenticated } = given.actor;
  const actor = { id, authenticated };
  const { actor: _whole, ...rest } = given;
  const event = auditCloudEvent({ ...given, actor, build, at: 0, digest: "" });
  const { beforeTime, beforeData } = frameCloudEvent(event);
  const key = recordKeyOf(event);
  // In canonical order the time is second: no other field of an event comes before it but its actor.
  const head = `{"actor":${canonicalJson(actor)},"at":"`;
  const tail = `",${canonicalJson({ ...rest, build }).slice(1)}`;
  const bytes = Buffer.byteLength(head) + Buffer.byteLength(tail) + frameBytesMax;
  assert(bytes <= eventBytesMax, "an audit event larger than one record");
  const [topic, headers, shard] = [topicNames.audit, eventHeaders, shardOf(key)];
  const record = { shard, topic, key, headers, beforeTime, beforeData };
  return { row: rowOf(given), head, tail, record };
};

const rowOf = (event: AuditDraft): AuditInWriting["row"] => ({
  id: event.id,
  type: event.type,
  ...(event.credential === undefined ? {} : { credential: event.credential }),
  ...(event.case === undefined ? {} : { case: event.case }),
  ...(event.rotation === undefined ? {} : { rotation: event.rotation }),
  ...(event.signal === undefined ? {} : { signal: event.signal }),
});
