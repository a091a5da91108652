import type { CaseCommit, Hold, Ledger, RotationCommit } from "@rekey/domain";
import { reserve } from "../commands/breaker.ts";
import { appendInput, type InputRequest } from "../commands/inputs.ts";
import { recordCase } from "../commands/record-case.ts";
import { recordRotation } from "../commands/record-rotation.ts";
import { recordWatch } from "../commands/record-watch.ts";
import { Fault, refuse, type Refusal } from "@rekey/domain";
import { isOwnedBy } from "../rows/rows.ts";
import type { Draft } from "../rows/draft.ts";
import { transact, transactEagerly, type Database, type Transaction } from "./database.ts";
import { isUuid } from "./identifiers.ts";
import { lockCases, lockCredentials, lockRotations, lockScopes } from "./locks.ts";
import { openingSelection } from "./opening-selection.ts";
import { refreshSchedule } from "./schedule.ts";
import { isStep, recordStep } from "./step.ts";

type Commands = Pick<
  Ledger,
  "recordRotation" | "recordCase" | "recordWatch" | "appendInput" | "reserve"
>;

/** Every write of saga state locks the row its fence lives on first, and then writes all or nothing. */
export const postgresRecords = (database: Database): Commands => ({
  recordRotation: async (hold, commit) => {
    const step = isStep(commit) ? await recordStep(database, hold, commit) : "look";
    if (step === "fenced-off") return undefined;
    if (step !== "look") return step;
    return await transactEagerly(database, (transaction, begun) =>
      rotationTurn({ transaction, begun }, hold, commit),
    );
  },
  recordCase: (hold, commit) =>
    transact(database, (transaction) => caseTurn(transaction, hold, commit)),
  recordWatch: (hold, commit) =>
    transact(database, async (transaction) => {
      await lockCredentials(transaction, [hold.row]);
      await lockRotations(transaction, [hold.row]);
      const draft = await transaction.draft(
        {
          ...openingSelection,
          watches: "t.id = $2::uuid",
          cases: "t.kind = 'incident' and t.about = $3",
        },
        [[hold.row], hold.id, `${hold.row}#${commit.watch.version}`],
      );
      if (!recordWatch(draft, hold, commit)) return undefined;
      await transaction.write(draft);
      return { now: draft.now };
    }),
  appendInput: (request) => transact(database, (transaction) => append(transaction, request)),
  reserve: (hold, request) =>
    transact(database, async (transaction) => {
      const { scope } = request.reservation;
      await lockScopes(transaction, [scope]);
      const draft = await transaction.draft(
        {
          ...(hold.kind === "case" ? { cases: "t.id = $1::uuid" } : { holds: "t.id = $1" }),
          reservations: "t.scope = $2",
        },
        [hold.row, scope],
      );
      const row =
        hold.kind === "case" ? draft.get("cases", hold.row) : draft.get("holds", hold.row);
      if (!isOwnedBy(row, hold.fence)) throw new Fault("HOLD_LOST");
      const answer = reserve(draft, request);
      await transaction.write(draft);
      return answer;
    }),
});

interface Begun {
  readonly transaction: Transaction;
  readonly begun: Promise<void>;
}

/**
 * Two round trips and the commit: the server runs what is sent together in order, so each lock is got before the
 * next statement looks. $1 the credential, $2 the rotation, $3 the cases that may be woken.
 */
const rotationTurn = async (
  { transaction, begun }: Begun,
  hold: Hold,
  commit: RotationCommit,
): Promise<{ readonly now: number } | undefined> => {
  const woken = [...commit.wakeCases, ...commit.rotation.causes.map((cause) => cause.case)];
  const [draft] = await Promise.all([lockedTurn(transaction, hold, woken), begun]);
  const labelled = movesLabel(draft, commit);
  if (!recordRotation(draft, hold, commit)) return undefined;
  await Promise.all([
    transaction.write(draft),
    ...(labelled ? [refreshSchedule(transaction, [hold.row])] : []),
  ]);
  return { now: draft.now };
};

const lockedTurn = async (
  transaction: Transaction,
  hold: Hold,
  woken: readonly string[],
): Promise<Draft> => {
  const [, , draft] = await Promise.all([
    lockCredentials(transaction, [hold.row]),
    lockRotations(transaction, [hold.row]),
    transaction.draft(
      {
        holds: "t.id = $1",
        rotations: "t.id = $2::uuid",
        versions: "t.credential = $1",
        effects: "t.rotation = $2::uuid",
        inputs: "t.target_kind = 'rotation' and t.target_id = $2::uuid",
        cases: "t.id = any($3::uuid[])",
      },
      [hold.row, hold.id, woken],
    ),
  ]);
  return draft;
};

/** The schedule follows from the current version alone. */
const movesLabel = (draft: Draft, { versions }: RotationCommit): boolean => {
  const current = draft.rows("versions").find(({ label }) => label === "current");
  return versions.some(({ label, number }) => label === "current" || number === current?.number);
};

/** Credentials before the case: every command that locks both does it in this order. */
const caseTurn = async (
  transaction: Transaction,
  hold: Hold,
  commit: CaseCommit,
): ReturnType<Ledger["recordCase"]> => {
  const credentials = [...new Set(commit.openings.map((opening) => opening.credential))].sort();
  await lockCredentials(transaction, credentials);
  await lockCases(transaction, [hold.id]);
  const draft = await transaction.draft(
    {
      ...openingSelection,
      cases: "t.id = $2::uuid",
      caseItems: "t.case_id = $2::uuid",
      inputs: "t.target_kind = 'case' and t.target_id = $2::uuid",
    },
    [credentials, hold.id],
  );
  const items = recordCase(draft, hold, commit);
  if (items === undefined) return undefined;
  await transaction.write(draft);
  return { now: draft.now, items };
};

const append = async (transaction: Transaction, request: InputRequest): Promise<void | Refusal> => {
  const { kind, id } = request.target;
  if (!isUuid(id)) return refuse("NOT_FOUND", `there is no such ${kind}`);
  if (kind === "case") await lockCases(transaction, [id]);
  else await lockCredentialOf(transaction, id);
  const draft = await transaction.draft(
    kind === "case"
      ? { cases: "t.id = $1::uuid" }
      : {
          rotations: "t.id = $1::uuid",
          holds: "t.id = (select r.credential from rekey.rotations r where r.id = $1::uuid)",
        },
    [id],
  );
  const refusal = appendInput(draft, request);
  if (refusal === undefined) await transaction.write(draft);
  return refusal;
};

const lockCredentialOf = async ({ client }: Transaction, rotation: string): Promise<void> => {
  await client.query(
    `select c.id from rekey.credentials c join rekey.rotations r on r.credential = c.id
       where r.id = $1 for no key update of c`,
    [rotation],
  );
};
