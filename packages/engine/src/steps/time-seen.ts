import type { Instant } from "@rekey/domain";
import type { Turn } from "../rotation/turn.ts";

type Asked = Pick<Turn, "parts" | "now" | "askedAtMs">;

/**
 * PostgreSQL's time, as far as a step can tell while it runs: that of the last command and what has passed since
 * on the monotonic clock; earlier than the truth by as long as that command took at most. Call when the step begins, and
 * the answer when something was seen.
 */
export const timeSeen = ({ parts, now }: Omit<Asked, "askedAtMs">): (() => Instant) => {
  const startedMs = parts.clock.monotonicMs();
  return () => now + Math.round(parts.clock.monotonicMs() - startedMs);
};

/**
 * The same, and never earlier than the truth: counted from before the command was asked. For what was over when it was
 * seen, a containment or a proof of death; a wait that begins with such a time would be too long.
 */
export const timeOver = ({ parts, now, askedAtMs }: Asked): (() => Instant) => {
  return () => now + Math.ceil(parts.clock.monotonicMs() - askedAtMs);
};
