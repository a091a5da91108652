import type { CaseClaim, Hold, Ledger, RotationClaim, WatchClaim, WorkKind } from "@rekey/domain";
import { caseClaim, pendingInputs, rotationClaim, watchClaim } from "../commands/claims.ts";
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
import { look, statement, transact, type Database } from "./database.ts";
import type { Selection } from "./load.ts";
import { isUuid } from "./identifiers.ts";
import { prepared } from "./prepared.ts";
import { caseSelection, rotationSelection, watchSelection } from "./selections.ts";

type Commands = Pick<
  Ledger,
  | "claimRotation"
  | "heldRotation"
  | "claimCase"
  | "claimWatch"
  | "renew"
  | "endForeignHolds"
  | "freshInputs"
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

/** A rotation or watch that changed while the claim waited may no longer be due: the hold is given back. */
const claim = async <Claim>(
  database: Database,
  work: Claimable<Claim>,
  { id, worker }: ClaimRequest,
): Promise<Claim | undefined> => {
  if (!isUuid(id)) return undefined;
  return await transact(database, async ({ client, draft }) => {
    const { rows } = await prepared<ClaimedRow>(client, work.claimText, [id, worker]);
    const [row] = rows;
    if (row === undefined) return undefined;
    const hold: Hold = { kind: work.kind, id, ...row };
    const found = work.claimOf(await draft(work.selection, work.parameters(hold)), hold);
    if (found === undefined) await client.query(work.releaseText, [hold.row, hold.fence]);
    return found;
  });
};

type ClaimedRow = Pick<Hold, "row" | "fence">;

const inputSelection = (hold: Hold): Selection => ({
  ...(hold.kind === "case" ? { cases: "t.id = $1::uuid" } : { holds: "t.id = $1" }),
  inputs: `t.target_kind = '${hold.kind}' and t.target_id = $2::uuid`,
  pause: "true",
});

const heldRow = (draft: Draft, hold: Hold): ReturnType<typeof draft.get<"cases" | "holds">> =>
  hold.kind === "case" ? draft.get("cases", hold.id) : draft.get("holds", hold.row);
