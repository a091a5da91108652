import type { Case, CaseItem, CaseKind } from "../case/case.ts";
import { caseId } from "../ids.ts";
import { minute, type Instant } from "../instant.ts";
import { modeInForce, type Mode } from "../mode.ts";
import { exposureResponse } from "../rotation/plan-facts.ts";
import type { Cause, CauseKind } from "../rotation/rotation.ts";
import type { Disposition, ReceivedSignal, SignalEffect } from "../signal.ts";
import { mergedCause } from "./severity.ts";
import { asksForEnd, serviceOf, type CaseKey, type IntakeTarget } from "./subject.ts";
import { urgentFor } from "./urgent.ts";
import { plain, withoutCase } from "./without-case.ts";
import type { IntakeDecision, IntakeSnapshot } from "./snapshot.ts";

const causeOfCase: Readonly<Record<CaseKind, CauseKind>> = {
  incident: "exposure",
  offboarding: "offboarding",
  retirement: "retirement",
  campaign: "schedule",
};

/** A person starts it: credentials Rekey acts with, exposures whose policy says so, reports that only a person can judge. */
const needsPerson = ({ signal }: ReceivedSignal, { target }: IntakeSnapshot): boolean => {
  if (signal.disposition === "manual") return true;
  if (target === undefined) return false;
  const response = exposureResponse({ ...target, causes: [] });
  return target.credential.protected || (signal.kind === "exposure" && response === "propose");
};

/** The mode for the case's work. */
const modeFor = (received: ReceivedSignal, snapshot: IntakeSnapshot): Mode => {
  const { target } = snapshot;
  // A control credential is Rekey's own tool: it is minted at apply and rotated whatever scopes say.
  if (target?.credential.control === true) return "act";
  const mode = modeInForce(snapshot.modes, {
    producer: received.authentication.producer,
    environment: target?.credential.environment ?? received.signal.environment ?? "",
    issuer: target?.credential.issuer.instance ?? "",
    credential: target?.credential.id ?? "",
  });
  return mode === "act" && needsPerson(received, snapshot) ? "propose" : mode;
};

const causeFor = (
  received: ReceivedSignal,
  kind: CaseKind,
  version: number | undefined,
): Omit<Cause, "case"> => {
  const { signal } = received;
  const causeKind: CauseKind = signal.kind === "manual" ? "manual" : causeOfCase[kind];
  const base = {
    kind: causeKind,
    at: signal.occurredAt,
    public: signal.public,
    confidence: signal.confidence,
    producer: received.authentication.producer,
    trusted: received.authentication.trusted,
  };
  return version === undefined ? base : { ...base, version };
};

const itemFor = (
  { signal }: ReceivedSignal,
  { target }: IntakeSnapshot,
  kind: CaseKind,
): readonly CaseItem[] => {
  if (target === undefined || kind === "offboarding" || kind === "retirement") return [];
  const version = kind === "incident" ? target.version : undefined;
  const wanted = target.credential.ended || asksForEnd(signal) ? "none" : "successor";
  const base: CaseItem = { credential: target.credential.id, wanted, wave: 0 };
  return [version === undefined ? base : { ...base, version }];
};

const openCase = (received: ReceivedSignal, snapshot: IntakeSnapshot, key: CaseKey): Case => {
  const { signal } = received;
  const version = snapshot.target?.version;
  const name = serviceOf(signal);
  const dueAt = Math.max(snapshot.now, signal.effectiveAt ?? snapshot.now);
  return {
    id: caseId(snapshot.newCaseId()),
    kind: key.kind,
    about: key.about,
    episode: (snapshot.case?.episode ?? 0) + 1,
    step: "resolve",
    state:
      dueAt === snapshot.now
        ? { at: "running" }
        : { at: "waiting", for: "time", until: dueAt, reason: "it takes effect then" },
    mode: modeFor(received, snapshot),
    cause: causeFor(received, key.kind, version),
    producer: received.authentication.producer,
    approvedBy: [],
    signals: 1,
    wave: 0,
    failures: 0,
    dueAt,
    openedAt: snapshot.now,
    occurredAt: signal.occurredAt,
    ...requesterOf(received),
    ...(snapshot.identity === undefined ? {} : { identity: snapshot.identity.id }),
    ...(name === undefined ? {} : { service: name }),
    ...(signal.environment === undefined ? {} : { environment: signal.environment }),
  };
};

/** Who asked for it through the API: everything but the report of a fact is a request, and its author never approves it. */
const requesterOf = ({ signal, authentication }: ReceivedSignal): Pick<Case, "requestedBy"> => {
  if (signal.kind === "exposure" || signal.kind === "schedule") return {};
  const { feed } = signal.source;
  const prefix = authentication.producer === "api" ? feed.indexOf("/") : -1;
  return { requestedBy: feed.slice(prefix + 1) };
};

/** An earlier effect than the one the case waits for brings it forward. */
const broughtForward = (open: Case, at: Instant): Pick<Case, "state" | "dueAt"> => {
  const early = open.step === "resolve" && open.state.at === "waiting" && open.state.for === "time";
  if (!early || at >= open.dueAt) return open;
  return { dueAt: at, state: { ...open.state, until: at } as Case["state"] };
};

/** The most severe report of one cause wins, whatever order they come in; what it newly allows is done at once. */
const joined = (received: ReceivedSignal, snapshot: IntakeSnapshot, open: Case): IntakeDecision => {
  const { signal } = received;
  const cause = mergedCause(open.cause, causeFor(received, open.kind, open.cause.version));
  const at = Math.max(snapshot.now, signal.effectiveAt ?? snapshot.now);
  const join: Case = {
    ...open,
    ...broughtForward(open, at),
    cause,
    signals: open.signals + 1,
  };
  const graver = cause !== open.cause;
  const urgent = graver ? urgentFor(received, snapshot, join) : undefined;
  return {
    ...plain("joined", "the same cause has an open case"),
    join,
    items: open.kind === "campaign" ? itemFor(received, snapshot, open.kind) : [],
    ...(urgent === undefined ? {} : { urgent }),
  };
};

/** The version is dead and proven: a late report is noted; a watch or a person reopens. */
const alreadyDead = ({ version, versions }: IntakeTarget): boolean =>
  versions.some((known) => known.number === version && known.life === "revoked");

/**
 * Pure: what becomes of one signal. Intake opens or joins a case and writes what is owed; it never expands
 * or resolves. An exposure of exactly one known version in mode act, within the containment budget, is
 * admitted at once.
 */
export const decideSignal = (
  received: ReceivedSignal,
  snapshot: IntakeSnapshot,
): IntakeDecision => {
  const { signal } = received;
  if (signal.disposition === "reject")
    return plain("refused", signal.reason ?? "the producer says it is invalid");
  if (signal.disposition === "quarantine")
    return plain("quarantined", signal.reason ?? "it cannot be trusted");
  if (signal.occurredAt > snapshot.now + aheadToleratedMs)
    return plain("refused", "its time is more than ten minutes ahead of the ledger's clock");
  const { key } = snapshot;
  if (key === undefined) return withoutCase(received, snapshot);
  const settled = settledAtOnce(received, snapshot);
  if (settled !== undefined) return settled;
  if (snapshot.case !== undefined && snapshot.case.state.at !== "closed")
    return joined(received, snapshot, snapshot.case);
  if (aboutOpenOnly.has(signal.disposition))
    return plain("noted", "there is no open case that it could change");
  return opened(received, snapshot, key);
};

/** Clocks may differ by this much; what claims to be later than that has not happened. */
const aheadToleratedMs = 10 * minute;

/** Dispositions that ask for nothing, and those that only speak about a case that is open. */
const asksNothing: ReadonlySet<Disposition> = new Set(["note", "ignore", "ack"]);
const aboutOpenOnly: ReadonlySet<Disposition> = new Set(["update", "close", "verify"]);
/** What an offboarding may ask for that is not the end of the identity's credentials. */
const lesserEnds: ReadonlySet<SignalEffect> = new Set([
  "end-sessions",
  "register",
  "deregister",
  "confirm",
  "hold",
]);

/** Signals that neither open nor join, though they are about something known. */
const settledAtOnce = (
  { signal }: ReceivedSignal,
  snapshot: IntakeSnapshot,
): IntakeDecision | undefined => {
  const { target } = snapshot;
  if (signal.kind === "exposure" && target !== undefined) {
    if (target.credential.control)
      return plain("refused", "control credentials are never a case's subject: rotate it instead");
    if (unknownVersion(target))
      return plain(
        "refused",
        `${target.credential.id} has no version ${target.version}: report it by the credential's name if the version is not known`,
      );
    if (alreadyDead(target))
      return plain("noted", "this version is proven dead; its watch goes on");
  }
  if (asksNothing.has(signal.disposition)) return plain("noted", "the producer asks for nothing");
  if (signal.kind === "offboarding" && signal.effect !== undefined && lesserEnds.has(signal.effect))
    return plain("noted", `${signal.effect} ends no credential`);
  return undefined;
};

const unknownVersion = ({ version, versions }: IntakeTarget): boolean =>
  version !== undefined && !versions.some((known) => known.number === version);

const opened = (
  received: ReceivedSignal,
  snapshot: IntakeSnapshot,
  key: CaseKey,
): IntakeDecision => {
  const open = openCase(received, snapshot, key);
  const urgent = urgentFor(received, snapshot, open);
  const decision = {
    outcome: "opened" as const,
    reason: `a case of kind ${key.kind} about ${key.about}`,
    items: itemFor(received, snapshot, key.kind),
  };
  return urgent === undefined
    ? { ...decision, open }
    : { ...decision, open: { ...open, step: "wave", wave: 1 }, urgent };
};
