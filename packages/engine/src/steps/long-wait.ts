import { tickedWaitOverMs, waitOver, type Instant } from "@rekey/domain";
import type { Turn } from "../rotation/turn.ts";

interface LongWait {
  /** The step that waits. */
  readonly key: string;
  readonly since: Instant;
  readonly until: Instant;
}

/**
 * Until when a wait goes on; undefined when it is over. A long one is over by the schedulers' own count too,
 * which starts when the rotation first looks at it; it is kept with the rotation's next commit.
 */
export const waitsUntil = (turn: Turn, { key, since, until }: LongWait): Instant | undefined => {
  const { ticks } = turn.claim;
  const known = turn.rotation.waitsBegun?.[key];
  const begun = known?.since === since ? known : { since, ticks };
  const answer = waitOver({ now: turn.now, since, until, ticks, ticksSince: begun.ticks });
  if (answer.over) return undefined;
  if (until - since > tickedWaitOverMs && begun !== known)
    turn.rotation = {
      ...turn.rotation,
      waitsBegun: { ...turn.rotation.waitsBegun, [key]: begun },
    };
  return answer.until;
};
