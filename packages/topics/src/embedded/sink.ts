import type { EventSink, OutgoingRecord } from "@rekey/domain";
import { Fault } from "@rekey/domain";
import { appendChunk, chunksOf, toStored } from "./append.ts";
import type { StoredRecord } from "./append.ts";
import type { Database } from "./connect.ts";
import type { Topics } from "./declare.ts";
import { asTopicsFault, topicRefused } from "./faults.ts";
import { topicKey } from "./wake.ts";
import type { Wake } from "./wake.ts";

/** Records that may wait for the commit before theirs; more are refused, as a slow log refuses. */
const pendingRecordsMax = 20_000;

interface PendingAppend {
  readonly records: readonly StoredRecord[];
  readonly topics: readonly string[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

interface SinkOptions {
  readonly database: Database;
  readonly topics: Topics;
  readonly wake: Wake;
}

/**
 * Appends in the order they were asked for, one commit at a time: what is asked for while a commit is
 * on its way shares the next one.
 */
export function createSink(options: SinkOptions): EventSink {
  const pending: PendingAppend[] = [];
  let flushing: Promise<void> | undefined;
  let closed = false;
  const flush = async (): Promise<void> => {
    while (pending.length > 0) await appendTogether(options, pending.splice(0));
    flushing = undefined;
  };
  return {
    async append(records) {
      if (closed) throw topicRefused("CLOSED");
      if (records.length === 0) return;
      refuseWhenFull(pending, records);
      const stored = records.map((record) => toStored(options.topics, record));
      const topics = [...new Set(records.map((record) => record.topic))];
      await new Promise<void>((resolve, reject) => {
        pending.push({ records: stored, topics, resolve, reject });
        flushing ??= flush();
      });
    },
    check: () => checkLog(options.database),
    async close() {
      closed = true;
      await flushing;
    },
  };
}

function refuseWhenFull(
  pending: readonly PendingAppend[],
  records: readonly OutgoingRecord[],
): void {
  const waiting = pending.reduce((sum, append) => sum + append.records.length, 0);
  if (waiting > 0 && waiting + records.length > pendingRecordsMax) {
    throw new Fault("TOPICS_UNREACHABLE", { providerCode: "APPENDS_WAITING" });
  }
}

async function appendTogether(
  options: SinkOptions,
  appends: readonly PendingAppend[],
): Promise<void> {
  try {
    const records = appends.flatMap((append) => append.records);
    for (const chunk of chunksOf(records)) await appendChunk(options.database, chunk);
    for (const append of appends) append.resolve();
  } catch (error) {
    const fault = asTopicsFault(error);
    for (const append of appends) append.reject(fault);
  }
  // Also after a failure: a chunk before it, or the one whose answer was lost, may be there.
  options.wake.signal([...new Set(appends.flatMap((append) => append.topics))].map(topicKey));
}

/** Rejects when the log does not answer or was not migrated. */
export async function checkLog(database: Database): Promise<void> {
  try {
    await database.query("select 1 from rekey_topics.topics limit 1");
  } catch (error) {
    throw asTopicsFault(error);
  }
}
