import type { Instant } from "@rekey/domain";
import type { Turn } from "../rotation/turn.ts";

/**
 * PostgreSQL's time, as far as a step can tell while it runs: that of the last commit and what has passed since
 * on the monotonic clock. Call when the step begins, and the answer when something was seen.
 */
export const timeSeen = ({ parts, now }: Pick<Turn, "parts" | "now">): (() => Instant) => {
  const startedMs = parts.clock.monotonicMs();
  return () => now + Math.round(parts.clock.monotonicMs() - startedMs);
};
