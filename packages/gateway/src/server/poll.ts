import type { Clock } from "@rekey/domain";

/** How often a waiting call looks: news is at most this late. */
const lookMs = 200;

interface Poll<Found> {
  readonly clock: Clock;
  readonly waitMs: number;
  readonly signal: AbortSignal;
  readonly look: () => Promise<Found>;
  readonly isNews: (found: Found) => boolean;
}

/** Looks until there is news, the wait is over, or nobody waits any more; answers what was seen last. */
export const pollFor = async <Found>(poll: Poll<Found>): Promise<Found> => {
  const { clock, waitMs, signal, look, isNews } = poll;
  const until = clock.monotonicMs() + waitMs;
  let found = await look();
  for (;;) {
    const leftMs = until - clock.monotonicMs();
    if (isNews(found) || leftMs <= 0 || signal.aborted) return found;
    await clock.sleep(Math.min(lookMs, leftMs), signal).catch(() => undefined);
    found = await look();
  }
};
