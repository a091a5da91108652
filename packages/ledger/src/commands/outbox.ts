import { isTerminal, type OutboxEntry } from "@rekey/domain";
import type { Draft } from "../rows/draft.ts";
import type { OutboxRow } from "../rows/rows.ts";
import { leaveInput } from "./inputs.ts";

/** What was sent leaves the outbox; the receipt of an announcement goes to its rotation. */
export const markSent = (draft: Draft, ids: readonly string[]): void => {
  for (const id of ids) {
    const row = draft.get("outbox", id);
    if (row === undefined) continue;
    draft.remove("outbox", row);
    if (row.announces !== undefined) receipt(draft, row.announces);
  }
};

const receipt = (draft: Draft, announced: NonNullable<OutboxRow["announces"]>): void => {
  const known = draft.get("announcements", announced.credential);
  if (known === undefined || known.sequence < announced.sequence)
    draft.put("announcements", { ...announced, at: draft.now });
  const rotation = draft.get("rotations", announced.rotation);
  if (rotation === undefined || isTerminal(rotation)) return;
  leaveInput(
    draft,
    { kind: "rotation", id: rotation.id },
    { input: { type: "announced", at: draft.now } },
  );
};

export const outboxEntryOf = (row: OutboxRow): OutboxEntry => {
  const { topic, key, headers, value } = row;
  return { id: String(row.position), topic, key, headers, value };
};
