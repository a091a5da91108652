import { callingKinds, holdMs, outboxShards, type Ledger, type OutboxHold } from "@rekey/domain";
import { outboxEntryOf, receive } from "../commands/outbox.ts";
import { noticesTopic } from "../commands/outbox-record.ts";
import { keepPepper, keptPeppers } from "../commands/peppers.ts";
import { countTicks } from "../commands/ticks.ts";
import { compareIdentity, reportBehind } from "../commands/world.ts";
import type { Draft } from "../rows/draft.ts";
import type { OutboxShardRow } from "../rows/rows.ts";
import { backlog, dueForSchedule, processDeadMs, processForgottenMs, standing } from "./reads.ts";
import type { StateStore } from "./store.ts";

type Commands = Pick<
  Ledger,
  | "outboxWaiting"
  | "holdOutboxShard"
  | "readOutbox"
  | "markSent"
  | "releaseOutboxShard"
  | "beat"
  | "compareIdentity"
  | "reportBehind"
  | "keepPepper"
  | "peppers"
  | "dueForSchedule"
  | "backlog"
  | "standing"
>;

/** The outbox, held shard by shard, and the clock's questions. */
export const memoryJournal = ({ run, ask, identity }: StateStore): Commands => ({
  outboxWaiting: () =>
    ask((draft) => {
      const shards = new Set(draft.rows("outbox").map(({ shard }) => shard));
      return [...shards].sort((left, right) => left - right);
    }),
  holdOutboxShard: ({ shard, worker }) => run((draft) => holdShard(draft, shard, worker)),
  readOutbox: (hold, limit, only) =>
    run((draft) => {
      const row = heldShard(draft, hold);
      if (row === undefined) return [];
      draft.put("shards", { ...row, holdUntil: draft.now + holdMs });
      return draft
        .rows("outbox")
        .filter((record) => record.shard === hold.shard)
        .filter(
          ({ topic }) => only === undefined || (topic === noticesTopic) === (only === "notices"),
        )
        .sort((left, right) => left.position - right.position)
        .slice(0, limit)
        .map(outboxEntryOf);
    }),
  markSent: (hold, ids) =>
    run((draft) => {
      if (heldShard(draft, hold) === undefined) return false;
      for (const id of ids) sent(draft, id);
      return true;
    }),
  releaseOutboxShard: (hold) =>
    run((draft) => {
      const row = heldShard(draft, hold);
      if (row !== undefined) draft.put("shards", { ...row, holdUntil: 0 });
    }),
  beat: ({ monotonicMs, ...beat }) =>
    run((draft) => {
      draft.put("processes", { ...beat, beatAt: draft.now });
      countTicks(draft, { id: beat.id, monotonicMs });
      const rows = draft.rows("processes");
      for (const row of rows)
        if (row.beatAt < draft.now - processForgottenMs) draft.remove("processes", row);
      const live = rows.filter((row) => row.beatAt >= draft.now - processDeadMs);
      const calling = live.filter(({ kinds }) => kinds.some((kind) => callingKinds.includes(kind)));
      return { now: draft.now, live: live.length, calling: calling.length };
    }),
  compareIdentity: () => run((draft) => compareIdentity(draft, identity())),
  reportBehind: (report) => run((draft) => reportBehind(draft, report)),
  keepPepper: (check) => run((draft) => keepPepper(draft, check)),
  peppers: () => ask(keptPeppers),
  dueForSchedule: (limit) => ask((draft) => dueForSchedule(draft, limit)),
  backlog: () => ask(backlog),
  standing: () => ask(standing),
});

const sent = (draft: Draft, id: string): void => {
  const row = draft.get("outbox", id);
  if (row === undefined) return;
  draft.remove("outbox", row);
  if (row.announces !== undefined) receive(draft, row.announces);
};

const freshShard = (shard: number): OutboxShardRow => ({ shard, fence: 0, holdUntil: 0 });

const holdShard = (draft: Draft, shard: number, worker: string): OutboxHold | undefined => {
  if (shard < 0 || shard >= outboxShards) return undefined;
  const row = draft.get("shards", String(shard)) ?? freshShard(shard);
  if (row.holdUntil >= draft.now) return undefined;
  if (!draft.rows("outbox").some((record) => record.shard === shard)) return undefined;
  const fence = row.fence + 1;
  draft.put("shards", { shard, fence, holdUntil: draft.now + holdMs, holdBy: worker });
  return { shard, fence };
};

const heldShard = (draft: Draft, hold: OutboxHold): OutboxShardRow | undefined => {
  const row = draft.get("shards", String(hold.shard));
  return row?.fence === hold.fence && row.holdUntil > 0 ? row : undefined;
};
