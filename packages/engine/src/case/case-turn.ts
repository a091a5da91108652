import {
  Assertion,
  auditEventId,
  decideCase,
  engineActor,
  evolveCase,
  isRefusal,
  type AuditDraft,
  type AuditEventType,
  type Case,
  type CaseClaim,
  type CaseCommand,
  type CaseItem,
  type Detail,
  type Instant,
  type Notice,
  type Obligation,
  type Refusal,
  type RotationOpening,
} from "@rekey/domain";
import { HoldLost, type KeptHold } from "../hold.ts";
import { newsOf } from "../idle-look.ts";
import type { EngineParts } from "../parts.ts";
import { caseDetailOf } from "../rotation/audit-detail.ts";

/** One worker's turn at one case. */
export interface CaseTurn {
  readonly parts: EngineParts;
  readonly claim: CaseClaim;
  readonly kept: KeptHold;
  now: Instant;
  case: Case;
  items: readonly CaseItem[];
  /** A person approved in this very turn: what waited for that goes on. */
  approvedNow: boolean;
  readonly draft: {
    readonly items: Map<string, CaseItem>;
    readonly openings: RotationOpening[];
    readonly inputsConsumed: number[];
    readonly obligations: Obligation[];
    readonly audit: AuditDraft[];
    readonly notices: Notice[];
  };
}

export const openCaseTurn = (parts: EngineParts, claim: CaseClaim, kept: KeptHold): CaseTurn => ({
  parts,
  claim,
  kept,
  now: claim.now,
  case: claim.case,
  items: claim.items,
  approvedNow: false,
  draft: {
    items: new Map(),
    openings: [],
    inputsConsumed: [],
    obligations: [],
    audit: [],
    notices: [],
  },
});

interface CaseAuditWords {
  readonly reason: string;
  readonly detail?: Detail;
  readonly item?: CaseItem;
  readonly version?: number;
}

export const auditCase = (turn: CaseTurn, type: AuditEventType, words: CaseAuditWords): void => {
  turn.draft.audit.push({
    id: auditEventId(turn.parts.newId()),
    type,
    actor: engineActor,
    reason: words.reason,
    case: turn.case.id,
    ...(words.item === undefined ? {} : { credential: words.item.credential }),
    ...(words.version === undefined ? {} : { version: words.version }),
    detail: words.detail ?? {},
  });
};

export const tryApplyCase = (
  turn: CaseTurn,
  command: CaseCommand,
  reason: string,
): Refusal | undefined => {
  const event = decideCase(turn.case, command, turn.now);
  if (isRefusal(event)) return event;
  turn.case = evolveCase(turn.case, event);
  auditCase(turn, event.type, { reason, detail: caseDetailOf(event) });
  return undefined;
};

export const applyCase = (turn: CaseTurn, command: CaseCommand, reason: string): void => {
  const refusal = tryApplyCase(turn, command, reason);
  if (refusal !== undefined) throw new Assertion(`${command.type}: ${refusal.reason}`);
};

const itemKey = (item: CaseItem): string => `${item.credential}#${item.version ?? 0}`;

/** Adds an item to the case, or changes it, in the coming commit. */
export const putItem = (turn: CaseTurn, item: CaseItem): void => {
  const key = itemKey(item);
  const others = turn.items.filter((other) => itemKey(other) !== key);
  turn.items = [...others, item].sort((left, right) => (itemKey(left) < itemKey(right) ? -1 : 1));
  turn.draft.items.set(key, item);
};

export const settleCaseObligations = (
  turn: CaseTurn,
  settledBy: NonNullable<Obligation["settledBy"]>,
): void => {
  for (const owed of turn.claim.obligations) {
    if (owed.settledAt !== undefined || owed.version !== undefined) continue;
    turn.draft.obligations.push({ ...owed, settledAt: turn.now, settledBy });
    auditCase(turn, "obligation.settled", { reason: settledBy });
  }
};

/** What is owed of items that were only observed: no rotation is left that could pay it. */
const observedDebt = (
  turn: CaseTurn,
): readonly { readonly owed: Obligation; readonly item: CaseItem }[] =>
  turn.claim.obligations.flatMap((owed) => {
    const item = turn.items.find(
      ({ credential, outcome }) => credential === owed.credential && outcome === "would-have",
    );
    return owed.settledAt !== undefined || item === undefined ? [] : [{ owed, item }];
  });

/** Once the case is over, what it only observed is owed no longer. */
export const settleObserved = (
  turn: CaseTurn,
  settledBy: NonNullable<Obligation["settledBy"]>,
): void => {
  for (const { owed, item } of observedDebt(turn)) {
    turn.draft.obligations.push({ ...owed, settledAt: turn.now, settledBy });
    const { version } = owed;
    const words = { reason: settledBy, item, ...(version === undefined ? {} : { version }) };
    auditCase(turn, "obligation.settled", words);
  }
};

/** It is owed on, and says what a person has to do. */
export const oweObserved = (turn: CaseTurn, dueAt: Instant): void => {
  const lastReason = "its scope only observes";
  for (const { owed } of observedDebt(turn))
    turn.draft.obligations.push({ ...owed, dueAt, lastReason });
};

/** Writes what was decided, fenced, in one transaction; the items come back with the rotations that serve them. */
export const commitCase = async (turn: CaseTurn, release: boolean): Promise<void> => {
  const { draft } = turn;
  const recorded = await turn.parts.ledger.recordCase(turn.claim.hold, {
    case: turn.case,
    items: [...draft.items.values()],
    openings: [...draft.openings],
    inputsConsumed: [...draft.inputsConsumed],
    obligations: [...draft.obligations],
    audit: newsOf(draft.audit, { before: turn.claim.case.state, after: turn.case.state }),
    notices: [...draft.notices],
    release,
  });
  if (recorded === undefined) throw new HoldLost();
  turn.now = recorded.now;
  turn.items = recorded.items;
  draft.items.clear();
  for (const list of [
    draft.openings,
    draft.inputsConsumed,
    draft.obligations,
    draft.audit,
    draft.notices,
  ])
    list.length = 0;
};
