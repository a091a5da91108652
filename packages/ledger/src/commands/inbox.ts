import type { Case, IntakeTarget, ReceivedSignal } from "@rekey/domain";
import type { Draft } from "../rows/draft.ts";
import type { SignalInboxRow } from "../rows/rows.ts";
import { auditOwn, detailOf } from "./audit.ts";

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

/** One audit event per outcome, with how the signal was authenticated. */
export const auditSignal = (
  draft: Draft,
  row: SignalInboxRow,
  { received, target }: { readonly received: ReceivedSignal; readonly target?: IntakeTarget },
): void => {
  const { producer, method } = received.authentication;
  auditOwn(draft, {
    type: `signal.${row.outcome}`,
    reason: row.reason,
    signal: received.id,
    signalAuthentication: `${method}:${producer}`,
    ...(target === undefined ? {} : { credential: target.credential.id }),
    ...(target?.version === undefined ? {} : { version: target.version }),
    ...(row.case === undefined ? {} : { case: row.case }),
    detail: detailOf({
      kind: received.signal.kind,
      system: row.sourceSystem,
      feed: row.sourceFeed,
      eventId: row.eventId,
      digest: row.digest,
    }),
  });
};
