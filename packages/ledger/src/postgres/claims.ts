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
import { look, statement, type Database } from "./database.ts";
import { isUuid } from "./identifiers.ts";
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

/** Claims are one row update each; what the turn needs is read by the next statement, under the hold. */
export const postgresClaims = (database: Database): Commands => ({
  claimRotation: async (request) => {
    const hold = await claim(database, "rotation", request);
    if (hold === undefined) return undefined;
    const draft = await look(database, rotationSelection, [hold.row, hold.id]);
    const found = draft.get("rotations", hold.id);
    const isDue = found !== undefined && dueAtOf(found) <= draft.now;
    return await kept(database, hold, isDue ? rotationClaim(draft, hold) : undefined);
  },
  heldRotation: async (hold) =>
    rotationClaim(await look(database, rotationSelection, [hold.row, hold.id]), hold),
  claimCase: async (request) => {
    const hold = await claim(database, "case", request);
    if (hold === undefined) return undefined;
    const draft = await look(database, caseSelection, [hold.id]);
    return await kept<CaseClaim>(database, hold, caseClaim(draft, hold));
  },
  claimWatch: async (request) => {
    const hold = await claim(database, "watch", request);
    if (hold === undefined) return undefined;
    const draft = await look(database, watchSelection, [hold.row, hold.id]);
    return await kept<WatchClaim>(database, hold, watchClaim(draft, hold));
  },
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

const texts: Readonly<Record<WorkKind, string>> = {
  rotation: claimRotationText,
  case: claimCaseText,
  watch: claimWatchText,
};

const claim = async (
  database: Database,
  kind: WorkKind,
  { id, worker }: ClaimRequest,
): Promise<Hold | undefined> => {
  if (!isUuid(id)) return undefined;
  const rows = await statement<{ row: string; fence: number }>(database, texts[kind], [id, worker]);
  const [row] = rows;
  return row && { kind, id, ...row };
};

/** A row that changed while the claim waited for it may no longer be due: the hold is given back. */
const kept = async <Claim extends RotationClaim | CaseClaim | WatchClaim>(
  database: Database,
  hold: Hold,
  found: Claim | undefined,
): Promise<Claim | undefined> => {
  if (found !== undefined) return found;
  const text = hold.kind === "case" ? releaseCaseText : releaseCredentialText;
  await statement(database, text, [hold.row, hold.fence]);
  return undefined;
};

const inputSelection = (hold: Hold): Parameters<typeof look>[1] => ({
  ...(hold.kind === "case" ? { cases: "t.id = $1::uuid" } : { holds: "t.id = $1" }),
  inputs: `t.target_kind = '${hold.kind}' and t.target_id = $2::uuid`,
  pause: "true",
});

const heldRow = (draft: Draft, hold: Hold): ReturnType<typeof draft.get<"cases" | "holds">> =>
  hold.kind === "case" ? draft.get("cases", hold.id) : draft.get("holds", hold.row);
