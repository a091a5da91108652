import { Fault } from "@rekey/domain";
import { topicRefused } from "./refusals.ts";

/** Records that may wait for the append before theirs; more are refused, as a slow log refuses. */
const pendingRecordsMax = 20_000;

export interface PendingAppend<Stored> {
  readonly records: readonly Stored[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Appends in the order they were asked for, one on its way at a time. */
export interface AppendQueue<Stored> {
  append(records: readonly Stored[]): Promise<void>;
  /** Refuses what comes later and resolves when nothing is on its way. */
  close(): Promise<void>;
}

/**
 * What is asked for while an append is on its way shares the next one. `appendTogether` settles each
 * of them and never rejects.
 */
export function createAppendQueue<Stored>(
  appendTogether: (appends: readonly PendingAppend<Stored>[]) => Promise<void>,
): AppendQueue<Stored> {
  const pending: PendingAppend<Stored>[] = [];
  let flushing: Promise<void> | undefined;
  let closed = false;
  const flush = async (): Promise<void> => {
    while (pending.length > 0) await appendTogether(pending.splice(0));
    flushing = undefined;
  };
  return {
    async append(records) {
      if (closed) throw topicRefused("CLOSED");
      if (records.length === 0) return;
      refuseWhenFull(pending, records.length);
      await new Promise<void>((resolve, reject) => {
        pending.push({ records, resolve, reject });
        flushing ??= flush();
      });
    },
    async close() {
      closed = true;
      await flushing;
    },
  };
}

function refuseWhenFull(pending: readonly PendingAppend<unknown>[], more: number): void {
  const waiting = pending.reduce((sum, append) => sum + append.records.length, 0);
  if (waiting > 0 && waiting + more > pendingRecordsMax) {
    throw new Fault("TOPICS_UNREACHABLE", { providerCode: "APPENDS_WAITING" });
  }
}
