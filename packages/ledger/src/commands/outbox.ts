import { isTerminal, type OutboxEntry } from "@rekey/domain";
import type { Draft } from "../rows/draft.ts";
import type { OutboxRow } from "../rows/rows.ts";
import { leaveInput } from "./inputs.ts";

export type Announced = NonNullable<OutboxRow["announces"]>;

/** An announcement has left: whoever comes back is told of it, and its rotation counts grace from now. */
export const receive = (draft: Draft, announced: Announced): void => {
  const known = draft.get("announcements", announced.credential);
  if (known === undefined || known.sequence < announced.sequence)
    draft.put("announcements", { ...announced, at: draft.now });
  const rotation = draft.get("rotations", announced.rotation);
  if (rotation === undefined || isTerminal(rotation)) return;
  leaveInput(
    draft,
    { kind: "rotation", id: rotation.id },
    { input: { type: "announced", at: draft.now, version: announced.version } },
  );
};

export const outboxEntryOf = (row: OutboxRow): OutboxEntry => {
  const { topic, key, headers, value } = row;
  return { id: String(row.position), topic, key, headers, value };
};
