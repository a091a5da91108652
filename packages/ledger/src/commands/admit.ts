import {
  breakerScope,
  caseKeyOf,
  decideSignal,
  obligationId,
  serviceOf,
  type Admitted,
  type AdmitRequest,
  type Case,
  type CaseKey,
  type IntakeDecision,
  type IntakeSnapshot,
  type IntakeTarget,
  type ReceivedSignal,
} from "@rekey/domain";
import { canonicalJson } from "@rekey/contracts";
import type { Draft } from "../rows/draft.ts";
import {
  caseItemKey,
  caseOf,
  noHold,
  preempted,
  type CaseItemRow,
  type CaseRow,
  type SignalInboxRow,
} from "../rows/rows.ts";
import { admitUrgently } from "./admit-urgently.ts";
import { auditOwn, detailOf } from "./audit.ts";
import { joinedAudit, type JoinedAudit } from "./audit-joined.ts";
import { breakerUse } from "./breaker.ts";
import { noteDeployment } from "./deployments.ts";
import { auditSignal, inboxOf, inboxRow, type Inbox } from "./inbox.ts";
import { matchIdentity, matchTarget } from "./match-signal.ts";
import { activeRotation } from "./open-rotation.ts";
import { sendRejected } from "./outbox-record.ts";

/**
 * What becomes of each signal, in the order asked; they are taken in by id, so that locks are too. `breakerAsked`
 * learns when an answer rests on what the breaker has booked.
 */
export const admit = (
  draft: Draft,
  request: AdmitRequest,
  breakerAsked: () => void = () => undefined,
): readonly Admitted[] => {
  const answers = new Map<ReceivedSignal, Admitted>();
  const inbox = inboxOf(draft);
  const joined = joinedAudit(draft);
  const inOrder = [...request.signals].sort((left, right) => (left.id < right.id ? -1 : 1));
  for (const received of inOrder) {
    const intake: Intake = { draft, inbox, joined, received, request, breakerAsked };
    answers.set(received, earlier(intake) ?? admitOne(intake));
  }
  joined.record();
  return request.signals.map((received) => answers.get(received)!);
};

/**
 * The answers where each of the signals came before with the same content, which is all that decides them; undefined
 * where any did not.
 */
export const admittedBefore = (
  draft: Draft,
  signals: readonly ReceivedSignal[],
): readonly Admitted[] | undefined => {
  const inbox = inboxOf(draft);
  const rows = signals.flatMap((received) => rowOfSame(inbox, received) ?? []);
  return rows.length === signals.length ? rows.map(answerOf) : undefined;
};

const rowOfSame = (
  inbox: Inbox,
  { signal, canonicalDigest }: ReceivedSignal,
): SignalInboxRow | undefined =>
  inbox.ofEvent(signal).find((row) => row.digest === canonicalDigest);

/** One signal, and everything that it is decided by. */
interface Intake {
  readonly draft: Draft;
  readonly inbox: Inbox;
  readonly joined: JoinedAudit;
  readonly received: ReceivedSignal;
  readonly request: AdmitRequest;
  readonly breakerAsked: () => void;
}

/** The same event again is answered as before; with other content it is quarantined. */
const earlier = (intake: Intake): Admitted | undefined => {
  const { inbox, received } = intake;
  const repeated = rowOfSame(inbox, received);
  if (repeated !== undefined) return answerOf(repeated);
  if (inbox.ofEvent(received.signal).every((row) => row.outcome === "quarantined"))
    return undefined;
  return quarantine(intake, "the same event id came before with other content");
};

/** Keeps a signal that must not be acted on, with the reason; nothing else is written. */
const quarantine = ({ draft, inbox, received }: Intake, reason: string): Admitted => {
  const row = inboxRow(draft, received, { outcome: "quarantined", reason });
  inbox.put(row);
  auditSignal(draft, row, { received });
  tellQuarantined(draft, received, reason);
  return answerOf(row);
};

/** Told like what could not be read: by the digest of its bytes and where it stood. */
const tellQuarantined = (draft: Draft, received: ReceivedSignal, reason: string): void => {
  const { id, signal, authentication, coordinates } = received;
  const { rawDigest: digest } = signal.source;
  const input = { id, source: authentication.producer, coordinates, digest, reason, problems: [] };
  sendRejected(draft, { ...input, outcome: "quarantined" });
};

export const unreadableFeed = "unreadable";

/** A signal whose content the ledger cannot hold: its digest and where it stood are kept, nothing of it. */
export const quarantineUnreadable = (draft: Draft, received: ReceivedSignal): Admitted => {
  const known = draft.rows("signals").find((row) => row.digest === received.canonicalDigest);
  if (known !== undefined) return answerOf(known);
  const reason = "its content is not valid text or number for the ledger";
  const row: SignalInboxRow = {
    id: received.id,
    sourceSystem: received.authentication.producer,
    sourceFeed: unreadableFeed,
    eventId: received.canonicalDigest,
    digest: received.canonicalDigest,
    outcome: "quarantined",
    reason,
    receivedAt: draft.now,
    coordinates: received.coordinates,
    problems: [],
  };
  draft.put("signals", row);
  auditOwn(draft, {
    type: "signal.quarantined",
    reason,
    signal: row.id,
    detail: { digest: row.digest, coordinates: row.coordinates },
  });
  tellQuarantined(draft, received, reason);
  return answerOf(row);
};

const admitOne = (intake: Intake): Admitted => {
  const { draft, inbox, joined, received, request } = intake;
  const target = matchTarget(draft, received.signal);
  const snapshot = snapshotOf(intake, target);
  const decision = decideSignal(received, snapshot);
  const subject = decision.open ?? decision.join;
  if (decision.open !== undefined) open(draft, decision.open, { received, decision });
  const counted = decision.join !== undefined && join(draft, decision.join, decision) === "counted";
  const row = inboxRow(draft, received, { ...decision, ...(subject && { case: subject.id }) });
  inbox.put(row);
  const sighted = target === undefined ? { received } : { received, target };
  if (counted && decision.urgent === undefined) joined.add(row, sighted);
  else auditSignal(draft, row, sighted);
  if (decision.deployed !== undefined) noteDeployment(draft, decision.deployed);
  const urgent = admitUrgently(draft, decision, { received, request });
  return urgent === undefined ? answerOf(row) : { ...answerOf(row), urgent };
};

const answerOf = (row: SignalInboxRow): Admitted => ({
  signal: row.id,
  outcome: row.outcome,
  reason: row.reason,
  ...(row.case === undefined ? {} : { case: row.case }),
});

const snapshotOf = (
  { draft, received, request, breakerAsked }: Intake,
  target: IntakeTarget | undefined,
): IntakeSnapshot => {
  const { signal, authentication } = received;
  const identity = matchIdentity(draft, signal);
  const key = caseKeyOf(signal, target, identity);
  const known = key && lastEpisode(draft, key);
  const issuer = target?.credential.issuer.instance;
  const capabilities = issuer === undefined ? undefined : request.capabilities[issuer];
  const service = serviceOf(signal);
  const scope =
    target && breakerScope(target.credential.environment, target.credential.issuer.instance);
  return {
    now: draft.now,
    modes: draft.rows("modes"),
    pause: draft.rows("pause")[0] ?? { paused: false, all: false },
    ...(target === undefined ? {} : { target }),
    ...(identity === undefined ? {} : { identity }),
    ...(key === undefined ? {} : { key }),
    ...(known === undefined ? {} : { case: known }),
    get breakerUse() {
      breakerAsked();
      return breakerUse(draft, {
        scope: scope ?? "",
        producer: authentication.producer,
        windowMs: target?.policy.breaker.windowMs ?? 0,
      });
    },
    ...(capabilities === undefined ? {} : { capabilities }),
    serviceKnown: draft
      .rows("consumers")
      .some(
        (row) => row.declared && row.service === service && row.environment === signal.environment,
      ),
    newCaseId: draft.newId,
  };
};

const lastEpisode = (draft: Draft, key: CaseKey): Case | undefined => {
  const [last] = draft
    .rows("cases")
    .filter((row) => row.kind === key.kind && row.about === key.about)
    .sort((left, right) => right.episode - left.episode);
  return last && caseOf(last);
};

interface Opening {
  readonly received: ReceivedSignal;
  readonly decision: IntakeDecision;
}

const open = (draft: Draft, subject: Case, { received, decision }: Opening): void => {
  draft.put("cases", { ...subject, ...noHold });
  for (const item of decision.items) draft.put("caseItems", { ...item, case: subject.id });
  const [item] = decision.items;
  auditOwn(draft, {
    type: "case.opened",
    reason: decision.reason,
    case: subject.id,
    signal: received.id,
    ...(item === undefined ? {} : { credential: item.credential }),
    ...(item?.version === undefined ? {} : { version: item.version }),
    detail: detailOf({ kind: subject.kind, about: subject.about, mode: subject.mode }),
  });
  if (decision.urgent === undefined) owe(draft, subject, decision);
};

/** The whole case owes until expand names the versions; an urgent admission names its version at once. */
const owe = (draft: Draft, subject: Case, decision: IntakeDecision): void => {
  const credential = decision.items[0] && draft.get("credentials", decision.items[0].credential);
  const owner = credential?.owner ?? subject.identity;
  const id = obligationId(draft.newId());
  draft.put("obligations", {
    id,
    case: subject.id,
    ...(owner === undefined ? {} : { owner }),
    openedAt: draft.now,
    dueAt: draft.now,
    attempts: 0,
  });
  auditOwn(draft, {
    type: "obligation.opened",
    reason: "the case owes until its scope is known",
    case: subject.id,
    detail: { obligation: id },
  });
};

/**
 * A credential whose rotation of this case has ended is asked for again: nothing else that is under way would
 * bring the wish its new version.
 */
const isOver = (draft: Draft, { credential, rotation, outcome }: CaseItemRow): boolean =>
  outcome !== undefined ||
  (rotation !== undefined && activeRotation(draft, credential)?.id !== rotation);

/** Whose end was carried out; there is nothing that could be asked for again. */
const isEnded = ({ wanted, outcome }: CaseItemRow): boolean =>
  wanted === "none" && outcome === "ended";

/**
 * A credential that is new in the case, a graver cause or an earlier time pre-empt its holder: what was
 * concluded without them does not count.
 */
const join = (draft: Draft, joined: Case, decision: IntakeDecision): "counted" | "changed" => {
  const stored = draft.get("cases", joined.id);
  if (stored === undefined) return "changed";
  const fresh = decision.items.filter((item) => {
    const known = draft.get("caseItems", caseItemKey(joined.id, item.credential));
    return known === undefined || (isOver(draft, known) && !isEnded(known));
  });
  for (const item of fresh) draft.put("caseItems", { ...item, case: joined.id });
  const counted: CaseRow = { ...stored, ...joined, wakeAt: draft.now };
  const same = joined.dueAt === stored.dueAt && isSameCause(joined.cause, stored.cause);
  const changed = fresh.length > 0 || !same;
  draft.put("cases", changed ? preempted(counted) : counted);
  return changed ? "changed" : "counted";
};

/** Most reports of a cause leave it as it is; telling it apart in writing costs as much as the rest of a join. */
const isSameCause = (left: Case["cause"], right: Case["cause"]): boolean =>
  left === right || canonicalJson(left) === canonicalJson(right);
