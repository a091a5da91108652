import { holdMs, type Ledger, type OutboxHold } from "@rekey/domain";
import { outboxEntryOf, receive, type Announced } from "../commands/outbox.ts";
import { noticesTopic } from "../commands/outbox-record.ts";
import type { Rows } from "../rows/rows.ts";
import { statement, transact, type Database, type Transaction } from "./database.ts";
import { fromColumns } from "./tables.ts";

type Commands = Pick<
  Ledger,
  "outboxWaiting" | "holdOutboxShard" | "readOutbox" | "markSent" | "releaseOutboxShard"
>;

const holdFor = `interval '${holdMs} milliseconds'`;

// One look into the index for each shard, whatever waits behind.
const waitingText = `
  select s.shard from rekey.outbox_shards s
    where exists (select from rekey.outbox o where o.shard = s.shard) order by s.shard`;

// A shard with nothing to send is not taken: an idle relay writes nothing.
const holdText = `
  update rekey.outbox_shards s
    set fence = s.fence + 1, hold_until = now() + ${holdFor}, hold_by = $2
    where s.shard = $1 and s.hold_until < now()
      and exists (select from rekey.outbox o where o.shard = $1)
    returning s.shard, s.fence`;

const extendText = `
  update rekey.outbox_shards set hold_until = now() + ${holdFor}
    where shard = $1 and fence = $2 and hold_until > 'epoch' returning shard`;

export const readText = `
  select to_jsonb(o) as document from rekey.outbox o
    where o.shard = $1 and ($3::boolean is null or (o.topic = '${noticesTopic}') = $3)
    order by o.position limit $2`;

const releaseText = `
  update rekey.outbox_shards set hold_until = 'epoch', hold_by = null where shard = $1 and fence = $2`;

/** One relay per shard, in the order of the shard; no transaction is open while it sends. */
export const postgresOutbox = (database: Database): Commands => ({
  outboxWaiting: async () => {
    const rows = await statement<{ shard: number }>(database, waitingText, []);
    return rows.map(({ shard }) => shard);
  },
  holdOutboxShard: async ({ shard, worker }) => {
    const [row] = await statement<OutboxHold>(database, holdText, [shard, worker]);
    return row;
  },
  readOutbox: async (hold, limit, only) => {
    const ours = await statement(database, extendText, [hold.shard, hold.fence]);
    if (ours.length === 0) return [];
    const rows = await statement<{ document: Record<string, unknown> }>(database, readText, [
      hold.shard,
      limit,
      only === undefined ? null : only === "notices",
    ]);
    return rows.map(({ document }) => outboxEntryOf(fromColumns("outbox", document)));
  },
  markSent: (hold, ids) => transact(database, (transaction) => markSent(transaction, hold, ids)),
  releaseOutboxShard: async (hold) => {
    await statement(database, releaseText, [hold.shard, hold.fence]);
  },
});

const markSent = async (
  transaction: Transaction,
  hold: OutboxHold,
  ids: readonly string[],
): Promise<boolean> => {
  const { client } = transaction;
  const ours = await client.query(
    "select shard from rekey.outbox_shards where shard = $1 and fence = $2 and hold_until > 'epoch' for update",
    [hold.shard, hold.fence],
  );
  if (ours.rowCount === 0) return false;
  const sent = await client.query<{ announces: Rows["outbox"]["announces"] | null }>(
    "delete from rekey.outbox where shard = $1 and position = any($2::bigint[]) returning announces",
    [hold.shard, ids],
  );
  const announced = sent.rows.flatMap(({ announces }) => announces ?? []);
  if (announced.length > 0) await receiveAll(transaction, announced);
  return true;
};

const receiveAll = async (
  transaction: Transaction,
  announced: readonly Announced[],
): Promise<void> => {
  const draft = await transaction.draft(
    { announcements: "t.credential = any($1::text[])", rotations: "t.id = any($2::uuid[])" },
    [announced.map(({ credential }) => credential), announced.map(({ rotation }) => rotation)],
  );
  for (const one of announced) receive(draft, one);
  await transaction.write(draft);
};
