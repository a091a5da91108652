import {
  Fault,
  type EventSink,
  type Notifier,
  type OutboxEntry,
  type OutboxHold,
} from "@rekey/domain";
import type { EngineParts } from "../parts.ts";

/** Rows sent per round and shard. */
const relayBatchMax = 200;
/** Where notices leave; everything else goes to its topic. */
const noticesTopic = "rekey.notices.v1";

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

/**
 * Events first, and marked: a notifier that is down holds back neither the audit trail nor receipts, and a log
 * that is away holds back no notice.
 */
const drainShard = async (parts: RelayParts, hold: OutboxHold): Promise<number> => {
  const { events, notices } = await readBoth(parts, hold);
  let sent = 0;
  let failed: Fault | undefined;
  try {
    sent = events.length === 0 ? 0 : await sendEvents(parts, hold, events);
    if (sent < events.length) return sent;
  } catch (error) {
    if (!(error instanceof Fault) || error.code === "LEDGER_UNREACHABLE") throw error;
    failed = error;
  }
  sent += await sendNotices(parts, hold, notices);
  if (failed !== undefined) throw failed;
  return sent;
};

interface Waiting {
  readonly events: readonly OutboxEntry[];
  readonly notices: readonly OutboxEntry[];
}

/** The oldest of both kinds. What fills a whole read and cannot leave must not hide the other kind behind it. */
const readBoth = async ({ ledger }: RelayParts, hold: OutboxHold): Promise<Waiting> => {
  const oldest = await ledger.readOutbox(hold, relayBatchMax);
  if (oldest.length < relayBatchMax)
    return {
      events: oldest.filter((entry) => entry.topic !== noticesTopic),
      notices: oldest.filter((entry) => entry.topic === noticesTopic),
    };
  return {
    events: await ledger.readOutbox(hold, relayBatchMax, "events"),
    notices: await ledger.readOutbox(hold, relayBatchMax, "notices"),
  };
};

const sendEvents = async (
  parts: RelayParts,
  hold: OutboxHold,
  events: readonly OutboxEntry[],
): Promise<number> => {
  await parts.sink.append(
    events.map(({ topic, key, headers, value }) => ({
      topic,
      key,
      headers,
      value: bytes.encode(value),
    })),
  );
  await parts.failpoint("relay.after-send");
  return await mark(parts, hold, events);
};

/** One that cannot be delivered stays, and is tried again in the next round; the others go out. */
const sendNotices = async (
  parts: RelayParts,
  hold: OutboxHold,
  notices: readonly OutboxEntry[],
): Promise<number> => {
  const delivered: OutboxEntry[] = [];
  for (const notice of notices) {
    try {
      await parts.notifier.notify(parts.parseNotice(notice));
      delivered.push(notice);
    } catch (error) {
      parts.log.warn("notice not delivered", { error });
    }
  }
  return delivered.length === 0 ? 0 : await mark(parts, hold, delivered);
};

const mark = async (
  parts: RelayParts,
  hold: OutboxHold,
  entries: readonly OutboxEntry[],
): Promise<number> => {
  const ids = entries.map((entry) => entry.id);
  if (await parts.ledger.markSent(hold, ids)) return entries.length;
  parts.log.warn("outbox shard taken over", { count: entries.length });
  return 0;
};

/**
 * One round over every shard with something to send, in turn. A shard that cannot be sent, or a log that is away, holds back no
 * other shard; the next round tries again. `notSent` hears of each; whoever wired it says so when that changes.
 */
export const relayAll = async (
  parts: RelayParts,
  notSent: (fault: Fault) => void,
): Promise<number> => {
  let sent = 0;
  for (const shard of await parts.ledger.outboxWaiting()) {
    try {
      sent += await relayShard(parts, shard);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      notSent(error);
    }
  }
  return sent;
};
