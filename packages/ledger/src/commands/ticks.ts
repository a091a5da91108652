import { tickMsMax, type ProcessBeat } from "@rekey/domain";
import type { Draft } from "../rows/draft.ts";
import { ticksKey, type TicksRow } from "../rows/rows.ts";

/** Another process counts on when the one that counted has been silent for this long, or seems to be ahead of now. */
export const ticksSilentMs = 10_000;

/**
 * One process at a time counts: what its own monotonic clock passed since its last beat, bounded. Who takes over
 * begins with nothing, so that no time is counted twice; a reading that went back counts nothing.
 */
export const countTicks = (
  draft: Draft,
  { id, monotonicMs }: Pick<ProcessBeat, "id" | "monotonicMs">,
): void => {
  const row = draft.get("ticks", ticksKey) ?? { passedMs: 0 };
  const own = row.countedBy === id;
  if (!own && !isSilent(row, draft.now)) return;
  const readingMs = Math.floor(monotonicMs);
  const elapsedMs = own ? readingMs - (row.readingMs ?? readingMs) : 0;
  draft.put("ticks", {
    passedMs: row.passedMs + Math.max(0, Math.min(elapsedMs, tickMsMax)),
    countedBy: id,
    readingMs,
    countedAt: draft.now,
  });
};

const isSilent = ({ countedAt }: TicksRow, now: number): boolean =>
  countedAt === undefined || Math.abs(now - countedAt) > ticksSilentMs;
