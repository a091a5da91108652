import {
  isTerminal,
  storeGate,
  type CaseClaim,
  type Hold,
  type Obligation,
  type PendingInput,
  type RotationClaim,
  type WatchClaim,
} from "@rekey/domain";
import type { Draft } from "../rows/draft.ts";
import { caseOf, isOwnedBy, rotationOf } from "../rows/rows.ts";
import { versionsOf } from "./open-rotation.ts";
import { itemsOf } from "./record-case.ts";
import { consumerViews, controlOf, credentialOf, gateOf, pauseOf, policyOf } from "./views.ts";

type Reader = Pick<Draft, "get" | "rows" | "now">;

/** Everything one turn needs, as it was when the hold was ours; undefined when it no longer is. */
export const rotationClaim = (draft: Reader, hold: Hold): RotationClaim | undefined => {
  const row = draft.get("rotations", hold.id);
  if (row === undefined || isTerminal(row)) return undefined;
  const owned = draft.get("holds", row.credential);
  const credential = credentialOf(draft, row.credential);
  const policy = credential && policyOf(draft, credential.policy);
  if (!isOwnedBy(owned, hold.fence) || credential === undefined || policy === undefined)
    return undefined;
  const control = controlOf(draft, credential);
  return {
    hold,
    now: draft.now,
    ticks: draft.rows("ticks")[0]?.passedMs ?? 0,
    credential,
    policy,
    rotation: rotationOf(row),
    versions: versionsOf(draft as Draft, credential.id),
    inputs: pendingInputs(draft, hold),
    effects: draft
      .rows("effects")
      .filter((effect) => effect.rotation === row.id)
      .sort((left, right) => left.attempt - right.attempt || (left.step < right.step ? -1 : 1)),
    consumers: consumerViews(draft, credential),
    gate: gateOf(draft, credential.issuer.instance),
    ...(credential.store === undefined
      ? {}
      : { storeGate: gateOf(draft, storeGate(credential.store.store)) }),
    pause: pauseOf(draft),
    modes: draft.rows("modes"),
    ...(control === undefined ? {} : { control }),
    foreignAcknowledged: foreignOf(draft, credential.id),
    obligations: openDebt(draft, credential.id),
  };
};

/** What is owed of a credential and not settled. */
export const openDebt = (draft: Reader, credential: string): readonly Obligation[] =>
  draft
    .rows("obligations")
    .filter((owed) => owed.credential === credential && owed.settledAt === undefined)
    .sort(byId);

const foreignOf = (draft: Reader, credential: string): readonly string[] =>
  draft
    .rows("foreign")
    .filter((row) => row.credential === credential)
    .map((row) => row.principal)
    .sort();

const byId = (left: { readonly id: string }, right: { readonly id: string }): number =>
  left.id < right.id ? -1 : 1;

export const pendingInputs = (draft: Reader, hold: Hold): readonly PendingInput[] =>
  draft
    .rows("inputs")
    .filter((input) => input.targetKind === hold.kind && input.targetId === hold.id)
    .sort((left, right) => left.seq - right.seq)
    .map(({ seq, payload }) => ({ seq, input: payload }));

/** A case's turn: its items, what it owes, and the rotations its items name. */
export const caseClaim = (draft: Reader, hold: Hold): CaseClaim | undefined => {
  const row = draft.get("cases", hold.id);
  if (row === undefined || row.state.at === "closed" || !isOwnedBy(row, hold.fence))
    return undefined;
  const items = itemsOf(draft as Draft, row.id);
  const rotations = items.flatMap(({ rotation }) => {
    const found = rotation && draft.get("rotations", rotation);
    return found === undefined ? [] : [rotationOf(found)];
  });
  return {
    hold,
    now: draft.now,
    case: caseOf(row),
    items,
    inputs: pendingInputs(draft, hold),
    obligations: draft
      .rows("obligations")
      .filter((owed) => owed.case === row.id)
      .sort(byId),
    rotations,
    modes: draft.rows("modes"),
    pause: pauseOf(draft),
  };
};

/** A watch's turn, under the hold of its credential. */
export const watchClaim = (draft: Reader, hold: Hold): WatchClaim | undefined => {
  const watch = draft.get("watches", hold.id);
  if (watch === undefined || watch.state !== "watching") return undefined;
  const credential = credentialOf(draft, watch.credential);
  const policy = credential && policyOf(draft, credential.policy);
  const owned = draft.get("holds", watch.credential);
  if (!isOwnedBy(owned, hold.fence) || credential === undefined || policy === undefined)
    return undefined;
  const versions = versionsOf(draft as Draft, credential.id);
  const version = versions.find(({ number }) => number === watch.version);
  if (version === undefined) return undefined;
  const control = controlOf(draft, credential);
  return {
    hold,
    now: draft.now,
    watch,
    credential,
    policy,
    version,
    versions,
    ...(control === undefined ? {} : { control }),
    pause: pauseOf(draft),
  };
};
