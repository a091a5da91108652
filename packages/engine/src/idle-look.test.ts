import {
  auditEventId,
  type AuditDraft,
  type AuditEventType,
  type RotationState,
} from "@rekey/domain";
import { expect, test } from "vitest";
import { newsOf, takenUp } from "./idle-look.ts";

const told = (type: AuditEventType, reason: string): AuditDraft => ({
  id: auditEventId("00000000-0000-7000-8000-000000000000"),
  type,
  actor: { id: "rekey", authenticated: "internal" },
  reason,
  detail: {},
});

const waiting = (until: number): RotationState => ({
  at: "waiting",
  for: "consumers",
  until,
  reason: "one has not moved",
});

const states = { before: waiting(1), after: waiting(2) };
const laidDown = told("rotation.waiting", "one has not moved");

test("a look that finds what it had waited for leaves nothing in the audit", () => {
  expect(newsOf([told("rotation.proceeded", takenUp), laidDown], states)).toEqual([]);
});

test("what a person said stays in the audit, though the rotation waits as before", () => {
  const audit = [told("rotation.proceeded", "dismissed by a person; other causes go on"), laidDown];
  expect(newsOf(audit, states)).toEqual(audit);
});
