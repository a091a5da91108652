import { auditEventTypes, type AuditEventType } from "@rekey/domain";
import { z } from "zod";
import { digestSchema, textSchema } from "../text.ts";
import { instantSchema } from "../time.ts";

const id = textSchema(128);
const versionNumber = z.number().int().min(1);

/** Longest sentence of an audit row. */
const reasonLengthMax = 4_096;

const envelope = z.strictObject({
  id,
  actor: z.strictObject({
    id: textSchema(256),
    authenticated: z.enum(["local-socket", "jwt", "mtls", "consumer-key", "internal"]),
  }),
  reason: textSchema(reasonLengthMax),
  credential: id.exactOptional(),
  version: versionNumber.exactOptional(),
  case: id.exactOptional(),
  rotation: id.exactOptional(),
  signal: id.exactOptional(),
  policyDigest: digestSchema.exactOptional(),
  planDigest: digestSchema.exactOptional(),
  signalAuthentication: textSchema(256).exactOptional(),
  detail: z.record(z.string(), z.json()),
  at: instantSchema,
  build: textSchema(128),
  digest: digestSchema,
});

/** Signals that one event names at most; more are further events. */
export const joinedSignalsMax = 100;

const joinedSignal = z.strictObject({
  signal: id,
  eventId: z.string().min(1),
  digest: digestSchema,
});

/** Each signal of them, as its own event would name it: exactly one event tells a signal's outcome. */
const joinedSignals = z
  .object({ signals: z.array(joinedSignal).min(2).max(joinedSignalsMax) })
  .catchall(z.json());

/** What an event about a subject must name besides; the rest of the envelope is optional for all. */
const subjects = {
  signal: { signal: id },
  signals: { case: id, detail: joinedSignals },
  case: { case: id },
  rotation: { rotation: id, credential: id },
  version: { credential: id, version: versionNumber },
  obligation: { case: id },
  watch: { credential: id, version: versionNumber },
} as const;

const wireTypeOf = (type: AuditEventType): string => `rekey.audit.${type}.v1`;

/** `version.contained` ↔ `rekey.audit.version.contained.v1`: the name on the wire never changes. */
export const auditWireTypes: Readonly<Record<AuditEventType, string>> = Object.fromEntries(
  auditEventTypes.map((type) => [type, wireTypeOf(type)]),
) as Record<AuditEventType, string>;

/** The schema of every audit event's data. A new type needs its line in the domain and its fixture here. */
export const auditSchemas: Readonly<Record<AuditEventType, z.ZodType>> = Object.fromEntries(
  auditEventTypes.map((type) => [type, schemaOf(type)]),
) as Record<AuditEventType, z.ZodType>;

/** JSON Schema of one type's data, as auditors read it. */
export const auditJsonSchema = (type: AuditEventType): Record<string, unknown> =>
  z.toJSONSchema(auditSchemas[type], { io: "input" });

function schemaOf(type: AuditEventType): z.ZodType {
  const [subject = ""] = type.split(".", 1);
  const named = Object.hasOwn(subjects, subject) ? subjects[subject as keyof typeof subjects] : {};
  return envelope.extend({ type: z.literal(type), ...named });
}
