import type { Clock } from "@rekey/domain";
import type { Log } from "../logger/log.ts";

export type LoopOptions = {
  readonly name: string;
  /** The whole life of the loop: builds what it needs, runs until `signal`, closes what it built. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
  /** Called once when the loop died too often; stop the process with this code. */
  readonly onExhausted: (exitCode: number) => void;
};

/** sysexits.h EX_SOFTWARE: the supervisor starts the process anew. */
export const exhaustedExitCode = 70;

const rebuildsMax = 3;
const windowMs = 60_000;
const rebuildDelayMs = 200;

/**
 * Keeps a loop alive: one that throws, or ends without being asked, is built again, three times a
 * minute. Resolves when the loop has ended for good.
 */
export async function superviseLoop(options: LoopOptions): Promise<void> {
  const { name, signal, clock, log } = options;
  const deaths: number[] = [];
  while (!signal.aborted) {
    const death = await life(options);
    if (signal.aborted) return;
    const now = clock.monotonicMs();
    const recent = deaths.filter((at) => now - at < windowMs);
    deaths.splice(0, deaths.length, ...recent, now);
    if (recent.length >= rebuildsMax) {
      log.fatal("loop died too often", { loop: name, count: deaths.length, error: death });
      options.onExhausted(exhaustedExitCode);
      return;
    }
    log.error("loop died and is built again", { loop: name, count: deaths.length, error: death });
    await clock.sleep(rebuildDelayMs, signal).catch(() => {});
  }
}

async function life({ run, signal }: LoopOptions): Promise<unknown> {
  try {
    await run(signal);
    return undefined;
  } catch (error) {
    return error;
  }
}
