import { askBreaker, breakerScope, type BreakerReservation, type BreakerUse } from "../breaker.ts";
import type { Capabilities } from "../capabilities.ts";
import type { Case, CaseItem, CaseKind } from "../case/case.ts";
import { caseId } from "../ids.ts";
import type { Instant } from "../instant.ts";
import type { Identity } from "../inventory.ts";
import { modeInForce, type Mode, type ModeSetting, type Pause } from "../mode.ts";
import { exposureResponse } from "../rotation/plan.ts";
import type { RotationOpening } from "../rotation/open.ts";
import type { Cause, CauseKind } from "../rotation/rotation.ts";
import type { ReceivedSignal, SignalOutcome } from "../signal.ts";
import { serviceOf, type CaseKey, type IntakeTarget } from "./subject.ts";

/** What the ledger read, under lock, before a signal is decided. */
export interface IntakeSnapshot {
  readonly now: Instant;
  readonly modes: readonly ModeSetting[];
  readonly pause: Pause;
  readonly target?: IntakeTarget;
  readonly identity?: Identity;
  readonly key?: CaseKey;
  /** The open case about the same, or the last closed one. */
  readonly case?: Case;
  readonly breakerUse: BreakerUse;
  readonly capabilities?: Capabilities;
  /** Declared credentials use the service in that environment. */
  readonly serviceKnown: boolean;
  readonly newCaseId: () => string;
}

/** What an intake decision writes, in one transaction with the signal itself. */
export interface IntakeDecision {
  readonly outcome: SignalOutcome;
  readonly reason: string;
  readonly open?: Case;
  readonly join?: Case;
  readonly items: readonly CaseItem[];
  /** Urgent admission: the rotation is born claimed, or the active one is escalated. */
  readonly urgent?: { readonly opening: RotationOpening; readonly reservation: BreakerReservation };
  /** Consumers of this service were deployed: drains may go on. */
  readonly deployed?: {
    readonly service: string;
    readonly environment: string;
    readonly at: Instant;
  };
}

const plain = (outcome: SignalOutcome, reason: string): IntakeDecision => ({
  outcome,
  reason,
  items: [],
});

const causeOfCase: Readonly<Record<CaseKind, CauseKind>> = {
  incident: "exposure",
  offboarding: "offboarding",
  retirement: "retirement",
  campaign: "schedule",
};

const withoutCase = ({ signal }: ReceivedSignal, snapshot: IntakeSnapshot): IntakeDecision => {
  const name = serviceOf(signal);
  if (signal.kind === "lifecycle" && signal.effect === "advance") {
    if (name === undefined || signal.environment === undefined)
      return plain("refused", "a deployment names a service and an environment");
    if (!snapshot.serviceKnown)
      return plain("noted", `no consumer is declared for service ${name} in ${signal.environment}`);
    return {
      ...plain("noted", "consumers of the service may have moved"),
      deployed: { service: name, environment: signal.environment, at: signal.occurredAt },
    };
  }
  if (signal.kind === "exposure")
    return plain(
      "refused",
      "no version with this fingerprint or name is known: declare the credential, or report it by its name",
    );
  if (signal.kind === "offboarding")
    return plain(
      "refused",
      "no identity with this name is in the inventory: declare it, or correct the subject's ids",
    );
  if (signal.kind === "lifecycle" && (signal.effect === "retire" || signal.effect === "end-job")) {
    return plain(
      "refused",
      "a removal names a service and an environment; without one a person decides: report it with both",
    );
  }
  if (signal.kind === "manual" || signal.kind === "schedule")
    return plain("refused", "no credential with this name is in the inventory");
  return plain("noted", "recorded, nothing follows from it");
};

/** The mode for the case's work. Credentials Rekey acts with are never touched without a person. */
const modeFor = (received: ReceivedSignal, snapshot: IntakeSnapshot): Mode => {
  const { target } = snapshot;
  const mode = modeInForce(snapshot.modes, {
    producer: received.authentication.producer,
    environment: target?.credential.environment ?? received.signal.environment ?? "",
    issuer: target?.credential.issuer.instance ?? "",
    credential: target?.credential.id ?? "",
  });
  return mode === "act" && target?.credential.protected === true ? "propose" : mode;
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

const itemFor = (snapshot: IntakeSnapshot, kind: CaseKind): readonly CaseItem[] => {
  const { target } = snapshot;
  if (target === undefined || kind === "offboarding" || kind === "retirement") return [];
  const version = kind === "incident" ? target.version : undefined;
  const wanted = target.credential.ended ? "none" : "successor";
  const base: CaseItem = { credential: target.credential.id, wanted, wave: 0 };
  return [version === undefined ? base : { ...base, version }];
};

const openCase = (received: ReceivedSignal, snapshot: IntakeSnapshot, key: CaseKey): Case => {
  const { signal } = received;
  const version = snapshot.target?.version;
  const name = serviceOf(signal);
  return {
    id: caseId(snapshot.newCaseId()),
    kind: key.kind,
    about: key.about,
    episode: (snapshot.case?.episode ?? 0) + 1,
    step: "resolve",
    state: { at: "running" },
    mode: modeFor(received, snapshot),
    cause: causeFor(received, key.kind, version),
    producer: received.authentication.producer,
    approvedBy: [],
    signals: 1,
    wave: 0,
    failures: 0,
    dueAt: snapshot.now,
    openedAt: snapshot.now,
    occurredAt: signal.occurredAt,
    ...(signal.kind === "manual" ? { requestedBy: signal.source.feed } : {}),
    ...(snapshot.identity === undefined ? {} : { identity: snapshot.identity.id }),
    ...(name === undefined ? {} : { service: name }),
    ...(signal.environment === undefined ? {} : { environment: signal.environment }),
  };
};

const joined = (snapshot: IntakeSnapshot, open: Case): IntakeDecision => ({
  ...plain("joined", "the same cause has an open case"),
  join: { ...open, signals: open.signals + 1 },
  items: open.kind === "campaign" ? itemFor(snapshot, open.kind) : [],
});

/** The version is dead and proven: a late report is noted; a watch or a person reopens. */
const alreadyDead = (snapshot: IntakeSnapshot): boolean => {
  const { target } = snapshot;
  if (target?.version === undefined) return false;
  return target.versions.some(
    (version) => version.number === target.version && version.life === "revoked",
  );
};

const urgentFor = (
  received: ReceivedSignal,
  snapshot: IntakeSnapshot,
  opened: Case,
): IntakeDecision["urgent"] => {
  const { target, capabilities } = snapshot;
  if (
    opened.kind !== "incident" ||
    opened.mode !== "act" ||
    target?.version === undefined ||
    capabilities?.canSuspend !== true
  )
    return undefined;
  if (snapshot.pause.paused && snapshot.pause.all) return undefined;
  const cause: Cause = { ...opened.cause, case: opened.id };
  if (
    exposureResponse({ credential: target.credential, policy: target.policy, causes: [cause] }) !==
    "contain-first"
  )
    return undefined;
  const reservation: BreakerReservation = {
    scope: breakerScope(target.credential.environment, target.credential.issuer.instance),
    producer: received.authentication.producer,
    credential: target.credential.id,
    version: target.version,
    case: opened.id,
    kind: "containment",
  };
  const answer = askBreaker({
    limits: target.policy.breaker,
    use: snapshot.breakerUse,
    kind: "containment",
    approvals: 0,
    confidence: received.signal.confidence,
    trustedFeed: received.authentication.trusted,
    producers: 1,
  });
  if (!answer.allowed) return undefined;
  const wanted = target.credential.ended ? "none" : "successor";
  return {
    opening: {
      credential: target.credential.id,
      cause,
      exposed: [target.version],
      wanted,
      mode: "act",
      approved: false,
    },
    reservation,
  };
};

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
  const { key, target } = snapshot;
  if (key === undefined) return withoutCase(received, snapshot);
  if (target?.credential.control === true && signal.kind === "exposure")
    return plain("refused", "control credentials are never a case's subject: rotate it instead");
  if (alreadyDead(snapshot))
    return plain("noted", "this version is proven dead; its watch goes on");
  if (
    signal.disposition === "note" ||
    signal.disposition === "ignore" ||
    signal.disposition === "ack"
  )
    return plain("noted", "the producer asks for nothing");
  if (snapshot.case !== undefined && snapshot.case.state.at !== "closed")
    return joined(snapshot, snapshot.case);
  const opened = openCase(received, snapshot, key);
  const urgent = urgentFor(received, snapshot, opened);
  const items = itemFor(snapshot, key.kind);
  const decision = {
    outcome: "opened" as const,
    reason: `a case of kind ${key.kind} about ${key.about}`,
    items,
  };
  return urgent === undefined
    ? { ...decision, open: opened }
    : { ...decision, open: { ...opened, step: "wave", wave: 1 }, urgent };
};
