import type { Instant } from "@rekey/domain";
import type { Turn } from "../rotation/turn.ts";

/**
 * PostgreSQL's time as far as a step can tell while it runs, never earlier than it was: that of the last command, and what
 * has passed since before it was asked on the monotonic clock. What is recorded as contained or dead was so by then. Call
 * when the step begins, and the answer when something was seen.
 */
export const timeSeen = ({
  parts,
  now,
  askedAtMs,
}: Pick<Turn, "parts" | "now" | "askedAtMs">): (() => Instant) => {
  return () => now + Math.ceil(parts.clock.monotonicMs() - askedAtMs);
};
