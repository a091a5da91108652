import type { Instant } from "./instant.ts";

/** A wait longer than this also needs half its length in ticks: no step of PostgreSQL's clock ends it early. */
export const tickedWaitOverMs = 60_000;
/** What one beat adds to the ticks at most, in milliseconds: a process that was stopped counts no more than this. */
export const tickMsMax = 5_000;
/** Ticks that are missing come with the scheduler's beats: it is not looked for them more often than this. */
const lookAgainMs = 1_000;

export interface WaitQuestion {
  /** PostgreSQL's time. */
  readonly now: Instant;
  readonly since: Instant;
  readonly until: Instant;
  /** Milliseconds that schedulers have counted by their own monotonic clocks, now and when the wait began. */
  readonly ticks: number;
  readonly ticksSince: number;
}

export type WaitAnswer =
  | { readonly over: true }
  | { readonly over: false; readonly until: Instant };

/** Pure: whether a wait is over by both clocks, or when to look again. */
export const waitOver = (question: WaitQuestion): WaitAnswer => {
  const { now, until } = question;
  if (now < until) return { over: false, until };
  const missingMs = missingTicks(question);
  return missingMs > 0
    ? { over: false, until: now + Math.max(missingMs, lookAgainMs) }
    : { over: true };
};

const missingTicks = ({ since, until, ticks, ticksSince }: WaitQuestion): number =>
  until - since > tickedWaitOverMs ? Math.ceil((until - since) / 2) - (ticks - ticksSince) : 0;
