import { newId } from "@rekey/runtime";
import { expect, test } from "vitest";
import { draftOf } from "../rows/draft.ts";
import { leakOf } from "../suite/signals.suite.ts";
import { joinedAudit } from "./audit-joined.ts";
import { inboxRow } from "./inbox.ts";

const emptyDraft = () => {
  let position = 0;
  const nextSequence = () => (position += 1);
  return draftOf({}, { now: 0, newId, build: "test", nextSequence });
};

test("signals with long event ids are told in events that a page of an answer holds, in the order they came", () => {
  const draft = emptyDraft();
  const joined = joinedAudit(draft);
  const ids = Array.from({ length: 90 }, (_, index) => `${index}`.padEnd(1_000, "\u20ac"));
  for (const eventId of ids) {
    const received = leakOf("payments-db#1", { eventId });
    joined.add(inboxRow(draft, received, { outcome: "joined", reason: "again" }), { received });
  }
  joined.record();
  const sizes = draft.rows("outbox").map(({ value }) => Buffer.byteLength(value));
  expect(Math.max(...sizes)).toBeLessThan(64 * 1_024);
  const told = draft.rows("audit").map(({ canonical }) => JSON.parse(canonical) as Told);
  expect(told.flatMap(({ detail }) => detail.signals.map(({ eventId }) => eventId))).toEqual(ids);
});

interface Told {
  readonly detail: { readonly signals: readonly { readonly eventId: string }[] };
}

test("one signal alone has the event that every other outcome has", () => {
  const draft = emptyDraft();
  const joined = joinedAudit(draft);
  const received = leakOf("payments-db#1");
  const row = inboxRow(draft, received, { outcome: "joined", reason: "again" });
  joined.add(row, { received });
  joined.record();
  const [event] = draft.rows("audit");
  expect([event?.type, event?.signal]).toEqual(["signal.joined", received.id]);
});
