import type { QueryResultRow } from "pg";
import { prepared } from "./prepared.ts";
import { statement, transact, type Database, type Transaction } from "./database.ts";

// Transactions do not commit in the order of their times, ids or sequences, so an event gets its position only when it is
// seen: by a snapshot that the next numbering compares with its own. Nothing is missed and nobody's long transaction
// holds others back: what it writes is numbered when it commits.

/** Events in one transaction of the numbering, and transactions in one call. */
const batchMax = 5_000;
const roundsMax = 4;
/** Pieces of what was there before: bounds the loop, at far more events than a ledger can hold. */
const piecesMax = 1_000_000;
const beforeAll = "00000000-0000-0000-0000-000000000000";

const hereText = "(select system_identifier::text from pg_control_system())";
// A copy may keep its cluster's identifier and count its transactions anew.
const sameHistory = `(h.system = ${hereText}
  and pg_snapshot_xmax(h.seen) <= pg_snapshot_xmax(pg_current_snapshot()))`;
const unnumbered = "not exists (select from rekey.audit_leaves l where l.event = e.id)";
// Ids of another cluster's transactions, in a restored ledger, may be far above this one's. A row without one was written
// before any numbering, and is found by sweeping alone.
const begunHere = "e.xact < pg_snapshot_xmax(pg_current_snapshot())";

/**
 * Whether there may be something to number. Each part ends at the first row of an index, also where there is nothing: the
 * orders and limits keep the planner from hoping for an early row in a scan of the table.
 */
export const waitsText = `
  select coalesce(
      h.swept is not null or not ${sameHistory}
        or (select e.xact from rekey.audit_events e where ${begunHere} order by e.xact desc limit 1)
          >= pg_snapshot_xmax(h.seen)
        or exists (select from pg_snapshot_xip(h.seen) x(xact) cross join lateral (
          select from rekey.audit_events e where e.xact = x.xact and ${begunHere} order by e.xact limit 1) e),
      false) as waits
    from rekey.audit_head h`;

// One numbering at a time. The next statement's snapshot is taken behind this lock, and so sees what the last one numbered.
const lockText = `
  select ${sameHistory} as here, h.swept from rekey.audit_head h for update of h`;
const lockIfFreeText = `${lockText} skip locked`;

// A restored ledger: ids of transactions say nothing of what was seen elsewhere, so each event is looked at once.
const movedText = `
  update rekey.audit_head set seen = pg_current_snapshot(), system = ${hereText}, swept = '${beforeAll}'`;

const columns = "e.id, e.at, e.credential, e.case_id";

const insertFrom = (chosen: string): string => `
  insert into rekey.audit_leaves (position, event, credential, case_id)
    select (select coalesce(max(position), -1) from rekey.audit_leaves) + row_number() over (order by at, id),
        id, credential, case_id
      from ${chosen} returning position`;

/** $1: how many at most. What the snapshot in the head did not see; within one numbering by time. */
export const numberText = `
  with head as materialized (select seen from rekey.audit_head),
  fresh as (
    (select ${columns} from rekey.audit_events e
      where e.xact >= (select pg_snapshot_xmax(seen) from head) and ${begunHere} and ${unnumbered}
      order by e.xact limit $1)
    union all
    (select late.* from head cross join lateral pg_snapshot_xip(head.seen) x(xact) cross join lateral (
      select ${columns} from rekey.audit_events e
        where e.xact = x.xact and ${begunHere} and ${unnumbered} order by e.xact limit $1) late)
  ),
  chosen as materialized (select * from fresh limit $1),
  numbered as (${insertFrom("chosen")}),
  moved as (
    update rekey.audit_head set seen = pg_current_snapshot() where (select count(*) from chosen) < $1
  )
  select count(*)::int as count from numbered`;

/** $1: how many at most, $2: behind which event, by time. Looks at events that are there, numbered or not. */
export const sweepText = `
  with looked as materialized (
    select ${columns} from rekey.audit_events e
      where (e.at, e.id) > (coalesce((select at from rekey.audit_events where id = $2::uuid), '-infinity'), $2::uuid)
      order by e.at, e.id limit $1
  ),
  chosen as materialized (select * from looked e where ${unnumbered}),
  numbered as (${insertFrom("chosen")}),
  moved as (
    update rekey.audit_head set swept = case when (select count(*) from looked) < $1 then null
      else (select id from looked order by at desc, id desc limit 1) end
  )
  select count(*)::int as count from numbered`;

type Meeting = "wait" | "leave";

/**
 * Gives positions to what was committed; writes nothing where nothing waits. Who meets another numbering waits for it, to have
 * what was committed until now, or leaves it to that one. Answers how many it gave.
 */
export const numberAuditEvents = async (database: Database, meeting: Meeting): Promise<number> => {
  let count = 0;
  for (let round = 0; round < roundsMax; round += 1) {
    const [head] = await statement<{ waits: boolean }>(database, waitsText, []);
    if (head?.waits !== true) break;
    count += await transact(database, (transaction) => numberBatch(transaction, meeting));
  }
  return count;
};

/**
 * Numbers what was there before, to its end and in pieces: after an upgrade, before processes come that number what is
 * fresh. Whatever it leaves they number too, between what is fresh.
 */
export const numberHistory = async (database: Database): Promise<void> => {
  for (let piece = 0; piece < piecesMax; piece += 1) {
    if (!(await transact(database, sweepPiece))) return;
  }
};

/** Whether there was one to look at. */
const sweepPiece = async (transaction: Transaction): Promise<boolean> => {
  const [head] = (await prepared<Head & QueryResultRow>(transaction.client, lockText, [])).rows;
  if (head?.here !== true || head.swept === null) return false;
  await counted(transaction, sweepText, [batchMax, head.swept]);
  return true;
};

interface Head {
  readonly here: boolean;
  readonly swept: string | null;
}

const numberBatch = async (transaction: Transaction, meeting: Meeting): Promise<number> => {
  const { client } = transaction;
  const text = meeting === "wait" ? lockText : lockIfFreeText;
  const [head] = (await prepared<Head & QueryResultRow>(client, text, [])).rows;
  if (head === undefined) return 0;
  if (!head.here) {
    await prepared(client, movedText, []);
    return 0;
  }
  const fresh = await counted(transaction, numberText, [batchMax]);
  if (head.swept === null) return fresh;
  return fresh + (await counted(transaction, sweepText, [batchMax, head.swept]));
};

const counted = async (
  { client }: Transaction,
  text: string,
  parameters: readonly unknown[],
): Promise<number> =>
  (await prepared<{ count: number }>(client, text, parameters)).rows[0]?.count ?? 0;
