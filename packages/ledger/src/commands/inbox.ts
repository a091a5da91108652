import type { AuditDraft, Case, IntakeTarget, ReceivedSignal, Signal } from "@rekey/domain";
import type { Draft } from "../rows/draft.ts";
import type { SignalInboxRow } from "../rows/rows.ts";
import { auditOwn } from "./audit.ts";

/** The rows of the inbox by event: a batch asks for each of its signals whether it came before. */
export interface Inbox {
  ofEvent(signal: Pick<Signal, "source" | "eventId">): readonly SignalInboxRow[];
  put(row: SignalInboxRow): void;
}

export const inboxOf = (draft: Draft): Inbox => {
  const rows = Map.groupBy(draft.rows("signals"), ({ sourceSystem, sourceFeed, eventId }) =>
    eventKey(sourceSystem, sourceFeed, eventId),
  );
  return {
    ofEvent: ({ source, eventId }) => rows.get(eventKey(source.system, source.feed, eventId)) ?? [],
    put: (row) => {
      const key = eventKey(row.sourceSystem, row.sourceFeed, row.eventId);
      rows.set(key, [...(rows.get(key) ?? []), row]);
      draft.put("signals", row);
    },
  };
};

const eventKey = (...words: readonly string[]): string => JSON.stringify(words);

/** The signal as the inbox keeps it. */
export const inboxRow = (
  draft: Draft,
  received: ReceivedSignal,
  outcome: Pick<SignalInboxRow, "outcome" | "reason"> & { readonly case?: Case["id"] },
): SignalInboxRow => ({
  id: received.id,
  sourceSystem: received.signal.source.system,
  sourceFeed: received.signal.source.feed,
  eventId: received.signal.eventId,
  kind: received.signal.kind,
  digest: received.canonicalDigest,
  outcome: outcome.outcome,
  reason: outcome.reason,
  ...(outcome.case === undefined ? {} : { case: outcome.case }),
  receivedAt: draft.now,
  signal: received.signal,
  authentication: received.authentication,
  coordinates: received.coordinates,
  problems: [],
});

/** A signal that came in, and what it names. */
export interface Sighted {
  readonly received: ReceivedSignal;
  readonly target?: IntakeTarget;
}

/** The event of one outcome, with how the signal was authenticated. */
export const auditSignal = (draft: Draft, row: SignalInboxRow, sighted: Sighted): void => {
  auditOwn(draft, {
    type: `signal.${row.outcome}`,
    reason: row.reason,
    signal: row.id,
    ...subjectOf(row, sighted),
    detail: { ...feedOf(row, sighted), ...contentOf(row) },
  });
};

export const subjectOf = (
  row: SignalInboxRow,
  { received, target }: Sighted,
): Omit<AuditDraft, "id" | "actor" | "type" | "reason" | "detail"> => {
  const { producer, method } = received.authentication;
  return {
    signalAuthentication: `${method}:${producer}`,
    ...(target === undefined ? {} : { credential: target.credential.id }),
    ...(target?.version === undefined ? {} : { version: target.version }),
    ...(row.case === undefined ? {} : { case: row.case }),
  };
};

/** Which kind of signal it is, and by whom it came. */
export const feedOf = (row: SignalInboxRow, { received }: Sighted) => ({
  kind: received.signal.kind,
  system: row.sourceSystem,
  feed: row.sourceFeed,
});

/** Which event it is, and what binds it to its content. */
export const contentOf = ({ eventId, digest }: SignalInboxRow) => ({ eventId, digest });
