import { readdirSync, readFileSync } from "node:fs";
import { auditEventTypes, type AuditEvent, type AuditEventType } from "@rekey/domain";
import { expect, test } from "vitest";
import { decodeCloudEvent } from "../cloudevents/decode.ts";
import { encodeCloudEvent, recordKeyOf, structuredContentType } from "../cloudevents/encode.ts";
import {
  auditCanonicalJson,
  auditCloudEvent,
  auditDigest,
  decodeAuditEvent,
} from "./audit-event.ts";
import { auditJsonSchema, auditWireTypes } from "./audit-schemas.ts";

const fixtures = new URL("fixtures/", import.meta.url);
const fixtureName = (type: AuditEventType): string => `${auditWireTypes[type]}.json`;

function eventOf(type: AuditEventType) {
  const value = readFileSync(new URL(fixtureName(type), fixtures));
  const decoded = decodeCloudEvent({ headers: { "content-type": structuredContentType }, value });
  if (decoded.value === undefined) throw new Error(`the fixture of ${type} is no event`);
  return decoded.value;
}

function auditOf(type: AuditEventType): AuditEvent {
  const decoded = decodeAuditEvent(eventOf(type));
  expect([type, decoded.problems]).toEqual([type, undefined]);
  return decoded.value as AuditEvent;
}

test("every type of audit event has a fixture and every fixture a type", () => {
  expect(new Set(readdirSync(fixtures))).toEqual(new Set(auditEventTypes.map(fixtureName)));
});

test.each(auditEventTypes)(
  "the fixture of %s reads, keeps its digest and is written the same",
  (type) => {
    const audit = auditOf(type);
    const event = auditCloudEvent(audit);
    expect(event).toEqual(eventOf(type));
    expect(decodeCloudEvent(encodeCloudEvent(event)).value).toEqual(event);
    expect(recordKeyOf(event)).toBe(audit.credential ?? audit.case ?? audit.signal ?? audit.id);
  },
);

test("an event that was changed after the fact no longer matches its digest", () => {
  const event = eventOf("version.revoked");
  const data = { ...(event.data as object), reason: "another reason" } as never;
  expect(decodeAuditEvent({ ...event, data }).problems).toEqual([
    { path: "data.digest", reason: "does not match the event" },
  ]);
});

test("the canonical bytes hold everything that is published but the digest", () => {
  const audit = auditOf("version.contained");
  const { digest, ...published } = eventOf("version.contained").data as { digest: string };
  expect(JSON.parse(auditCanonicalJson(audit))).toEqual(published);
  expect(auditDigest(audit)).toBe(digest);
});

test("an event about a version names it", () => {
  const event = eventOf("version.contained");
  const { version: _version, ...data } = event.data as unknown as { version: number };
  expect(decodeAuditEvent({ ...event, data: data as never }).problems).toHaveLength(1);
  expect(auditJsonSchema("version.contained")["required"]).toContain("version");
});

test("an unknown field or type is refused", () => {
  const event = eventOf("mode.set");
  const data = { ...(event.data as object), value: "x" } as never;
  expect(decodeAuditEvent({ ...event, data }).problems).toHaveLength(1);
  expect(decodeAuditEvent({ ...event, type: "rekey.audit.mode.set.v2" }).problems).toHaveLength(1);
});
