import type { CaseClaim, Hold, Ledger, RotationClaim, WatchClaim, WorkKind } from "@rekey/domain";
import {
  caseClaim,
  openDebt,
  pendingInputs,
  rotationClaim,
  watchClaim,
} from "../commands/claims.ts";
import { pauseOf } from "../commands/views.ts";
import type { Draft } from "../rows/draft.ts";
import { dueAtOf, isOwnedBy } from "../rows/rows.ts";
import {
  claimCaseText,
  claimRotationText,
  claimWatchText,
  endForeignHoldsText,
  releaseCaseText,
  releaseCredentialText,
  renewCaseText,
  renewCredentialText,
} from "./claim-sql.ts";
import { draftAt, look, statement, transactEagerly, type Database } from "./database.ts";
import { sentLoad, type Selection } from "./load.ts";
import { isUuid } from "./identifiers.ts";
import { prepared } from "./prepared.ts";
import { caseSelection, debtSelection, rotationSelection, watchSelection } from "./selections.ts";

type Commands = Pick<
  Ledger,
  | "claimRotation"
  | "heldRotation"
  | "claimCase"
  | "claimWatch"
  | "renew"
  | "endForeignHolds"
  | "freshInputs"
  | "openDebt"
>;

interface ClaimRequest {
  readonly id: string;
  readonly worker: string;
}

/** Claims are one row update each; what the turn needs is read under the row's lock, in the same transaction. */
export const postgresClaims = (database: Database): Commands => ({
  claimRotation: (request) => claim(database, rotations, request),
  claimCase: (request) => claim(database, cases, request),
  claimWatch: (request) => claim(database, watches, request),
  heldRotation: async (hold) =>
    rotationClaim(await look(database, rotationSelection, [hold.row, hold.id]), hold),
  renew: async (hold) => {
    const text = hold.kind === "case" ? renewCaseText : renewCredentialText;
    return (await statement(database, text, [hold.row, hold.fence])).length === 1;
  },
  endForeignHolds: async ({ worker }) => {
    const [row] = await statement<{ ended: number }>(database, endForeignHoldsText, [worker]);
    return row?.ended ?? 0;
  },
  freshInputs: async (hold) => {
    const draft = await look(database, inputSelection(hold), [hold.row, hold.id]);
    if (!isOwnedBy(heldRow(draft, hold), hold.fence)) return undefined;
    return { now: draft.now, inputs: pendingInputs(draft, hold), pause: pauseOf(draft) };
  },
  openDebt: async (hold) => {
    const draft = await look(database, debtSelection, [hold.row]);
    return isOwnedBy(heldRow(draft, hold), hold.fence) ? openDebt(draft, hold.row) : undefined;
  },
});

/** How one kind of work is claimed, read, and given back. */
interface Claimable<Claim> {
  readonly kind: WorkKind;
  readonly claimText: string;
  readonly releaseText: string;
  readonly selection: Selection;
  readonly parameters: (hold: Hold) => readonly unknown[];
  readonly claimOf: (draft: Draft, hold: Hold) => Claim | undefined;
}

const rotations: Claimable<RotationClaim> = {
  kind: "rotation",
  claimText: claimRotationText,
  releaseText: releaseCredentialText,
  selection: rotationSelection,
  parameters: (hold) => [hold.row, hold.id],
  claimOf: (draft, hold) => {
    const row = draft.get("rotations", hold.id);
    return row === undefined || dueAtOf(row) > draft.now ? undefined : rotationClaim(draft, hold);
  },
};

const cases: Claimable<CaseClaim> = {
  kind: "case",
  claimText: claimCaseText,
  releaseText: releaseCaseText,
  selection: caseSelection,
  parameters: (hold) => [hold.id],
  claimOf: caseClaim,
};

const watches: Claimable<WatchClaim> = {
  kind: "watch",
  claimText: claimWatchText,
  releaseText: releaseCredentialText,
  selection: watchSelection,
  parameters: (hold) => [hold.row, hold.id],
  claimOf: watchClaim,
};

/**
 * Two round trips: the claim leaves with BEGIN, and the look at what its turn needs with COMMIT, still under the
 * row's lock. A rotation or watch that changed while the claim waited may no longer be due: the hold is given back.
 */
const claim = async <Claim>(
  database: Database,
  work: Claimable<Claim>,
  request: ClaimRequest,
): Promise<Claim | undefined> => {
  if (!isUuid(request.id)) return undefined;
  const taken = await take(database, work, request);
  if (taken === undefined) return undefined;
  const { hold, read } = taken;
  const { now, tables } = read();
  const found = work.claimOf(draftAt(database, now, tables), hold);
  if (found === undefined) await statement(database, work.releaseText, [hold.row, hold.fence]);
  return found;
};

interface Taken {
  readonly hold: Hold;
  readonly read: Awaited<ReturnType<typeof sentLoad>>;
}

/** A claim that no BEGIN preceded would be one whose worker died: it ends by itself, and its fence stands. */
const take = async (
  database: Database,
  work: Pick<Claimable<unknown>, "kind" | "claimText" | "selection" | "parameters">,
  { id, worker }: ClaimRequest,
): Promise<Taken | undefined> => {
  let read: Taken["read"] | undefined;
  const hold = await transactEagerly(database, async ({ client }, begun, last) => {
    const claiming = prepared<ClaimedRow>(client, work.claimText, [id, worker]);
    const [{ rows }] = await Promise.all([claiming, begun]);
    const [row] = rows;
    if (row === undefined) return undefined;
    const taken: Hold = { kind: work.kind, id, ...row };
    last(() => [
      sentLoad(client, work.selection, work.parameters(taken)).then((reading) => (read = reading)),
    ]);
    return taken;
  });
  return hold === undefined || read === undefined ? undefined : { hold, read };
};

type ClaimedRow = Pick<Hold, "row" | "fence">;

const inputSelection = (hold: Hold): Selection => ({
  ...(hold.kind === "case" ? { cases: "t.id = $1::uuid" } : { holds: "t.id = $1" }),
  inputs: `t.target_kind = '${hold.kind}' and t.target_id = $2::uuid`,
  pause: "true",
});

const heldRow = (draft: Draft, hold: Hold): ReturnType<typeof draft.get<"cases" | "holds">> =>
  hold.kind === "case" ? draft.get("cases", hold.id) : draft.get("holds", hold.row);
