import { joinedSignalsMax } from "@rekey/contracts";
import type { Draft } from "../rows/draft.ts";
import type { SignalInboxRow } from "../rows/rows.ts";
import { auditOwn } from "./audit.ts";
import { auditSignal, contentOf, feedOf, subjectOf, type Sighted } from "./inbox.ts";

/** Letters of event ids in one event: a record has to hold them, and an answer of the API a whole page of events. */
const eventIdLettersMax = 16_384;

/**
 * Signals of one transaction that were counted by a case and changed nothing else. Those of one kind, by one way, about
 * the same case are one audit event that names each of them; a single one has its own, as every other outcome has.
 */
export interface JoinedAudit {
  add(row: SignalInboxRow, sighted: Sighted): void;
  /** Records what was added; nothing more may be added afterwards. */
  record(): void;
}

export const joinedAudit = (draft: Draft): JoinedAudit => {
  const groups = new Map<string, Group>();
  return {
    add: (row, sighted) => {
      const key = JSON.stringify([subjectOf(row, sighted), feedOf(row, sighted), row.reason]);
      const known = groups.get(key);
      if (known === undefined) groups.set(key, { sighted, rows: [row] });
      else known.rows.push(row);
    },
    record: () => {
      for (const { sighted, rows } of groups.values())
        for (const piece of piecesOf(rows)) recordPiece(draft, piece, sighted);
    },
  };
};

interface Group {
  /** Of the first one: of all others only the row differs. */
  readonly sighted: Sighted;
  readonly rows: SignalInboxRow[];
}

const recordPiece = (draft: Draft, rows: readonly SignalInboxRow[], sighted: Sighted): void => {
  const [first] = rows;
  if (first === undefined) return;
  if (rows.length === 1) {
    auditSignal(draft, first, sighted);
    return;
  }
  auditOwn(draft, {
    type: "signals.joined",
    reason: `${rows.length} signals: ${first.reason}`,
    ...subjectOf(first, sighted),
    detail: {
      ...feedOf(first, sighted),
      signals: rows.map((row) => ({ signal: row.id, ...contentOf(row) })),
    },
  });
};

/** In their order, each small enough for one event. */
const piecesOf = (rows: readonly SignalInboxRow[]): readonly (readonly SignalInboxRow[])[] => {
  const pieces: SignalInboxRow[][] = [];
  let letters = 0;
  for (const row of rows) {
    const open = pieces.at(-1);
    letters += row.eventId.length;
    if (open !== undefined && open.length < joinedSignalsMax && letters <= eventIdLettersMax) {
      open.push(row);
      continue;
    }
    pieces.push([row]);
    letters = row.eventId.length;
  }
  return pieces;
};
