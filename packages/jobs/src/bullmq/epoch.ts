import type { JobQueue } from "./backend.ts";

const markerId = "contents-epoch";

/** Knows whether the backend still holds what it held. */
export interface Epoch {
  /** Makes the marker where there is none. */
  open(): Promise<void>;
  /** True once when the marker vanished or was made again since the last call. */
  lost(): Promise<boolean>;
}

/**
 * The marker is a job like the hints, in a queue that nobody serves: whatever empties the hints
 * (FLUSHALL, TRUNCATE, an older backup) takes it along.
 */
export function openEpoch(queue: JobQueue, newId: () => string): Epoch {
  const read = async (): Promise<unknown> => {
    const marker = await queue.getJob(markerId);
    return marker === undefined ? undefined : (marker.data as { epoch?: unknown }).epoch;
  };
  const ensure = async (): Promise<unknown> => {
    // If another process was faster, its marker stays and is the one read back.
    await queue.add("epoch", { epoch: newId() }, { jobId: markerId });
    return await read();
  };
  // Unknown until the backend answered once: what it held before counts as lost.
  let known: unknown;
  return {
    async open() {
      known = await ensure();
    },
    async lost() {
      const found = await read();
      if (found !== undefined && found === known) return false;
      known = found ?? (await ensure());
      return true;
    },
  };
}
