import type { Clock } from "@rekey/domain";
import type { Bell, WallClock } from "@rekey/runtime";

interface Pace {
  readonly signal: AbortSignal;
  readonly clock: WallClock & Clock;
  /** Absent: the clock alone. */
  readonly bell?: Bell;
  readonly atMostMs: number;
}

/** However often the bell rings, rounds keep this distance. */
const roundPauseMs = 10;

/** Runs a round, then waits for the bell or the pause, whichever is first. */
export const every = async (
  { signal, clock, bell, atMostMs }: Pace,
  round: () => Promise<unknown>,
): Promise<void> => {
  while (!signal.aborted) {
    await round();
    await clock.sleep(bell === undefined ? atMostMs : roundPauseMs, signal).catch(() => undefined);
    await bell?.wait(clock, { atMostMs, signal });
  }
};
