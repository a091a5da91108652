import type { EventSink } from "@rekey/domain";
import { createAppendQueue } from "../append-queue.ts";
import type { PendingAppend } from "../append-queue.ts";
import { appendChunk, chunksOf, toStored } from "./append.ts";
import type { StoredRecord } from "./append.ts";
import type { Database } from "./connect.ts";
import type { Topics } from "./declare.ts";
import { asTopicsFault } from "./faults.ts";
import { topicKey } from "./wake.ts";
import type { Wake } from "./wake.ts";

interface SinkOptions {
  readonly database: Database;
  readonly topics: Topics;
  readonly wake: Wake;
}

/** A stored record, and the topic whose readers are woken by it. */
type NamedRecord = StoredRecord & { readonly topic: string };

/** Appends in the order they were asked for, one commit at a time. */
export function createSink(options: SinkOptions): EventSink {
  const queue = createAppendQueue<NamedRecord>((appends) => appendTogether(options, appends));
  return {
    append: async (records) =>
      await queue.append(
        records.map((record) => ({ ...toStored(options.topics, record), topic: record.topic })),
      ),
    check: () => checkLog(options.database),
    close: () => queue.close(),
  };
}

async function appendTogether(
  options: SinkOptions,
  appends: readonly PendingAppend<NamedRecord>[],
): Promise<void> {
  const records = appends.flatMap((append) => append.records);
  try {
    for (const chunk of chunksOf(records)) await appendChunk(options.database, chunk);
    for (const append of appends) append.resolve();
  } catch (error) {
    const fault = asTopicsFault(error);
    for (const append of appends) append.reject(fault);
  }
  // Also after a failure: a chunk before it, or the one whose answer was lost, may be there.
  options.wake.signal([...new Set(records.map((record) => record.topic))].map(topicKey));
}

/** Rejects when the log does not answer or was not migrated. */
export async function checkLog(database: Database): Promise<void> {
  try {
    await database.query("select 1 from rekey_topics.topics limit 1");
  } catch (error) {
    throw asTopicsFault(error);
  }
}
