import { auditEventTypes, toRfc3339, type AuditEvent } from "@rekey/domain";
import type { CloudEvent } from "../cloudevents/cloud-event.ts";
import { canonicalJson, sha256Hex } from "../json/canonical-json.ts";
import type { JsonValue } from "../json/strict-json.ts";
import { parseWith, problem, type Parsed } from "../parsed.ts";
import { auditSchemas, auditWireTypes } from "./audit-schemas.ts";

/** The CloudEvents source of everything Rekey publishes. */
export const ownSource = "rekey";

/**
 * The bytes an audit row is bound to: canonical JSON (RFC 8785) of the event as published, without its digest.
 * Keep them with the row; an auditor hashes them without knowing our schemas.
 */
export const auditCanonicalJson = (event: Omit<AuditEvent, "digest">): string =>
  canonicalJson(wireOf(event));

/** SHA-256, hex, of `auditCanonicalJson`. */
export const auditDigest = (event: Omit<AuditEvent, "digest">): string =>
  sha256Hex(auditCanonicalJson(event));

/** The event on `rekey.audit.v1`; its key is the credential, else the case, else the signal, else the event itself. */
export const auditCloudEvent = (event: AuditEvent): CloudEvent => ({
  id: event.id,
  source: ownSource,
  type: auditWireTypes[event.type],
  subject: subjectOf(event),
  time: toRfc3339(event.at),
  datacontenttype: "application/json",
  extensions: { partitionkey: event.credential ?? event.case ?? event.signal ?? event.id },
  data: { ...wireOf(event), digest: event.digest },
});

/** Reads a published audit event and checks it against its digest. */
export const decodeAuditEvent = (event: CloudEvent): Parsed<AuditEvent> => {
  const type = auditEventTypes.find((name) => auditWireTypes[name] === event.type);
  if (type === undefined) return problem("type", "is not the type of an audit event");
  const parsed = parseWith(auditSchemas[type], event.data, "data");
  if (parsed.problems !== undefined) return parsed;
  const value = parsed.value as AuditEvent;
  const { digest, ...rest } = value;
  return auditDigest(rest) === digest
    ? (parsed as Parsed<AuditEvent>)
    : problem("data.digest", "does not match the event");
};

/** `payments-db#3`, or the widest thing that it is about. */
function subjectOf(event: AuditEvent): string {
  if (event.credential === undefined) return event.case ?? event.signal ?? ownSource;
  return event.version === undefined ? event.credential : `${event.credential}#${event.version}`;
}

function wireOf(event: Omit<AuditEvent, "digest">): { readonly [key: string]: JsonValue } {
  const { digest: _digest, ...rest } = event as AuditEvent;
  return { ...rest, at: toRfc3339(event.at) } as { readonly [key: string]: JsonValue };
}
