import {
  auditEventId,
  decideRotation,
  engineActor,
  evolveRotation,
  isRefusal,
  obligationId,
  Assertion,
  type AuditDraft,
  type AuditEventType,
  type CaseId,
  type Detail,
  type EffectEntry,
  type GateName,
  type Instant,
  type Notice,
  type Obligation,
  type Pause,
  type Refusal,
  type Rotation,
  type RotationClaim,
  type RotationCommand,
  type Version,
  type Watch,
} from "@rekey/domain";
import { canonicalJson, sha256Hex } from "@rekey/contracts";
import { HoldLost, type KeptHold } from "../hold.ts";
import { newsOf } from "../idle-look.ts";
import type { EngineParts } from "../parts.ts";
import { detailOf } from "./audit-detail.ts";

/** One worker's turn at one rotation: what it has read, what it has decided and not yet committed. */
export interface Turn {
  readonly parts: EngineParts;
  readonly claim: RotationClaim;
  readonly kept: KeptHold;
  /** PostgreSQL's time as of the last command, and the monotonic time before that was asked. */
  now: Instant;
  askedAtMs: number;
  /** The switch as it was when last looked at, and when that was (monotonic). */
  pause: Pause;
  freshAtMs: number;
  rotation: Rotation;
  readonly versions: Map<number, Version>;
  /** The effects journal: what earlier claims wrote, and what this one adds. */
  readonly effects: EffectEntry[];
  readonly obligations: Map<string, Obligation>;
  /** Closed gates that let this turn's call through. */
  readonly letThrough: Set<GateName>;
  /** Those of them that were not told yet how the call ended, and when they let it through. */
  readonly untold: Map<GateName, Instant>;
  /** The store gave a value in the step at hand; the provider compared privileges in it. */
  storeAnswered: boolean;
  issuerAnswered: boolean;
  readonly draft: Draft;
}

interface Draft {
  readonly versions: Set<number>;
  readonly obligations: Set<string>;
  readonly effects: EffectEntry[];
  readonly inputsConsumed: number[];
  readonly watches: Watch[];
  readonly audit: AuditDraft[];
  readonly notices: Notice[];
  readonly wakeCases: Set<CaseId>;
  announce?: { readonly version: number };
  ended?: boolean;
}

const emptyDraft = (): Draft => ({
  versions: new Set(),
  obligations: new Set(),
  effects: [],
  inputsConsumed: [],
  watches: [],
  audit: [],
  notices: [],
  wakeCases: new Set(),
});

/** `readAtMs`: before the claim was read, so that a commit that took long does not make its switch look fresh. */
export const openTurn = (
  parts: EngineParts,
  claim: RotationClaim,
  { kept, readAtMs }: { readonly kept: KeptHold; readonly readAtMs: number },
): Turn => ({
  parts,
  claim,
  kept,
  now: claim.now,
  pause: claim.pause,
  askedAtMs: readAtMs,
  freshAtMs: readAtMs,
  rotation: claim.rotation,
  effects: [...claim.effects],
  versions: new Map(claim.versions.map((version) => [version.number, version])),
  obligations: new Map(claim.obligations.map((obligation) => [obligation.id, obligation])),
  letThrough: new Set(),
  untold: new Map(),
  storeAnswered: false,
  issuerAnswered: false,
  draft: emptyDraft(),
});

interface AuditWords {
  readonly reason: string;
  readonly version?: number;
  readonly detail?: Detail;
  readonly policyDigest?: string;
  readonly planDigest?: string;
}

/** Adds an audit event to the coming commit: it is written with the state it describes, or not at all. */
export const audit = (turn: Turn, type: AuditEventType, words: AuditWords): void => {
  const firstCase = turn.rotation.causes[0]?.case;
  turn.draft.audit.push({
    id: auditEventId(turn.parts.newId()),
    type,
    actor: engineActor,
    reason: words.reason,
    credential: turn.rotation.credential,
    rotation: turn.rotation.id,
    ...(firstCase === undefined ? {} : { case: firstCase }),
    ...(words.version === undefined ? {} : { version: words.version }),
    ...(words.policyDigest === undefined ? {} : { policyDigest: words.policyDigest }),
    ...(words.planDigest === undefined ? {} : { planDigest: words.planDigest }),
    detail: words.detail ?? {},
  });
};

/** Which policy and which plan people can hold an event against. */
const digestsOf = (
  turn: Turn,
  command: RotationCommand,
): Pick<AuditWords, "policyDigest" | "planDigest"> =>
  command.type === "plan"
    ? {
        policyDigest: sha256Hex(canonicalJson(turn.claim.policy)),
        planDigest: sha256Hex(canonicalJson(command.plan)),
      }
    : {};

/** Adds to the effects journal, and to what the coming commit writes of it. */
export const journal = (turn: Turn, entry: Omit<EffectEntry, "rotation">): void => {
  const whole = { rotation: turn.rotation.id, ...entry };
  turn.effects.push(whole);
  turn.draft.effects.push(whole);
};

/** Why, and what the step found out beside what the event says. */
type Why = string | { readonly reason: string; readonly detail?: Detail };

/** Decides and evolves; a refusal is answered, and nothing changes. */
export const tryApply = (turn: Turn, command: RotationCommand, why: Why): Refusal | undefined => {
  const event = decideRotation(turn.rotation, command, {
    now: turn.now,
    versions: [...turn.versions.values()],
  });
  if (isRefusal(event)) return event;
  turn.rotation = evolveRotation(turn.rotation, event);
  const { reason, detail = {} } = typeof why === "string" ? { reason: why, detail: {} } : why;
  audit(turn, event.type, {
    reason,
    detail: { ...detail, ...detailOf(event) },
    ...digestsOf(turn, command),
  });
  return undefined;
};

/** For commands that the engine only gives where they are allowed. */
export const apply = (turn: Turn, command: RotationCommand, why: Why): void => {
  const refusal = tryApply(turn, command, why);
  if (refusal !== undefined) throw new Assertion(`${command.type}: ${refusal.reason}`);
};

export const versionOf = (turn: Turn, number: number): Version => {
  const version = turn.versions.get(number);
  if (version === undefined) throw new Assertion(`version ${number} is not part of this rotation`);
  return version;
};

/** Changes a version in the coming commit. */
export const patchVersion = (turn: Turn, number: number, patch: Partial<Version>): void => {
  turn.versions.set(number, { ...versionOf(turn, number), ...patch });
  turn.draft.versions.add(number);
};

export const addVersion = (turn: Turn, version: Version): void => {
  turn.versions.set(version.number, version);
  turn.draft.versions.add(version.number);
};

/** One obligation per version that must die; what is already owed, or paid, is not owed again. */
export const oweDeath = (turn: Turn, version: number, because: string): void => {
  const open = [...turn.obligations.values()].some(
    (owed) => owed.version === version && owed.settledAt === undefined,
  );
  const cause = turn.rotation.causes.at(-1);
  if (open || cause === undefined || turn.versions.get(version)?.life === "revoked") return;
  const id = obligationId(turn.parts.newId());
  const { credential } = turn.claim;
  turn.obligations.set(id, {
    id,
    case: cause.case,
    credential: credential.id,
    version,
    owner: credential.owner,
    openedAt: turn.now,
    dueAt: turn.now,
    attempts: 0,
  });
  turn.draft.obligations.add(id);
  audit(turn, "obligation.opened", { reason: because, version });
};

export const settleDeath = (
  turn: Turn,
  version: number,
  settledBy: NonNullable<Obligation["settledBy"]>,
): void => {
  for (const [id, owed] of turn.obligations) {
    if (owed.version !== version || owed.settledAt !== undefined) continue;
    turn.obligations.set(id, { ...owed, settledAt: turn.now, settledBy });
    turn.draft.obligations.add(id);
    audit(turn, "obligation.settled", { reason: settledBy, version });
  }
};

/** Every attempt that failed is on the debt's account too. */
export const noteAttempt = (turn: Turn, reason: string): void => {
  for (const [id, owed] of turn.obligations) {
    if (owed.settledAt !== undefined) continue;
    turn.obligations.set(id, {
      ...owed,
      attempts: owed.attempts + 1,
      lastReason: reason,
      dueAt: turn.rotation.dueAt,
    });
    turn.draft.obligations.add(id);
  }
};

/** Writes what was decided, fenced, in one transaction. Throws HoldLost when the fence moved on. */
export const commit = async (turn: Turn, release: boolean): Promise<void> => {
  const { draft, parts } = turn;
  const askedAtMs = parts.clock.monotonicMs();
  const recorded = await parts.ledger.recordRotation(turn.claim.hold, {
    rotation: turn.rotation,
    versions: [...draft.versions]
      .sort((left, right) => left - right)
      .map((number) => versionOf(turn, number)),
    inputsConsumed: [...draft.inputsConsumed],
    effects: [...draft.effects],
    obligations: [...draft.obligations].flatMap((id) => turn.obligations.get(id) ?? []),
    watches: [...draft.watches],
    audit: newsOf(draft.audit, { before: turn.claim.rotation.state, after: turn.rotation.state }),
    notices: [...draft.notices],
    wakeCases: [...draft.wakeCases],
    ...(draft.announce === undefined ? {} : { announce: draft.announce }),
    ...(draft.ended === undefined ? {} : { ended: draft.ended }),
    release,
  });
  if (recorded === undefined) throw new HoldLost();
  turn.now = recorded.now;
  turn.askedAtMs = askedAtMs;
  clear(draft);
};

const clear = (draft: Draft): void => {
  draft.versions.clear();
  draft.obligations.clear();
  draft.wakeCases.clear();
  for (const list of [
    draft.effects,
    draft.inputsConsumed,
    draft.watches,
    draft.audit,
    draft.notices,
  ])
    list.length = 0;
  delete draft.announce;
  delete draft.ended;
};
