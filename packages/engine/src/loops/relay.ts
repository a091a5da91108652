import {
  outboxShards,
  type EventSink,
  type Notifier,
  type OutboxEntry,
  type OutboxHold,
} from "@rekey/domain";
import type { EngineParts } from "../parts.ts";

/** Rows sent per round and shard. */
const relayBatchMax = 200;
/** Where notices leave; everything else goes to its topic. */
export const noticesTopic = "rekey.notices.v1";

export interface RelayParts extends Pick<EngineParts, "ledger" | "worker" | "log" | "failpoint"> {
  readonly sink: EventSink;
  readonly notifier: Notifier;
  readonly parseNotice: (entry: OutboxEntry) => Parameters<Notifier["notify"]>[0];
}

const bytes = new TextEncoder();

/** Holds a shard for one round, sends in order, marks after the acknowledgement. Answers how many left. */
export const relayShard = async (parts: RelayParts, shard: number): Promise<number> => {
  const hold = await parts.ledger.holdOutboxShard({ shard, worker: parts.worker });
  if (hold === undefined) return 0;
  try {
    return await drainShard(parts, hold);
  } finally {
    await parts.ledger.releaseOutboxShard(hold);
  }
};

const drainShard = async (parts: RelayParts, hold: OutboxHold): Promise<number> => {
  const entries = await parts.ledger.readOutbox(hold, relayBatchMax);
  if (entries.length === 0) return 0;
  const notices = entries.filter((entry) => entry.topic === noticesTopic);
  const events = entries.filter((entry) => entry.topic !== noticesTopic);
  await parts.sink.append(
    events.map((entry) => ({
      topic: entry.topic,
      key: entry.key,
      headers: entry.headers,
      value: bytes.encode(entry.value),
    })),
  );
  for (const notice of notices) await parts.notifier.notify(parts.parseNotice(notice));
  await parts.failpoint("relay.after-send");
  const ours = await parts.ledger.markSent(
    hold,
    entries.map((entry) => entry.id),
  );
  if (!ours) parts.log.warn("outbox shard taken over", { count: entries.length });
  return ours ? entries.length : 0;
};

/** One round over every shard, in turn. */
export const relayAll = async (parts: RelayParts): Promise<number> => {
  let sent = 0;
  for (let shard = 0; shard < outboxShards; shard += 1) sent += await relayShard(parts, shard);
  return sent;
};
