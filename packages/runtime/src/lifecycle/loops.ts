import type { Clock } from "@rekey/domain";
import type { Log } from "../logger/log.ts";

export type LoopOptions = {
  readonly name: string;
  /** The whole life of the loop: builds what it needs, runs until `signal`, closes what it built. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
  /**
   * True for what comes from outside and passes, such as a database that restarts: no death, the loop is built again
   * for as long as it lasts. Whoever answers true tells of it.
   */
  readonly isWeather?: (error: unknown) => boolean;
  /** Called once when the loop died too often; stop the process with this code. */
  readonly onExhausted: (exitCode: number) => void;
};

/** sysexits.h EX_SOFTWARE: the supervisor starts the process anew. */
export const exhaustedExitCode = 70;

const rebuildsMax = 3;
const windowMs = 60_000;
const rebuildDelayMs = 200;
/** Between two tries in bad weather: doubles up to this. */
const weatherDelayMsMax = 4_000;

/**
 * Keeps a loop alive: one that throws, or ends without being asked, is built again, three times a
 * minute; one that met bad weather as often as it takes. Resolves when the loop has ended for good.
 */
export async function superviseLoop(options: LoopOptions): Promise<void> {
  const { signal, clock } = options;
  const deaths: number[] = [];
  const delayMs = createWeatherDelay();
  while (!signal.aborted) {
    const bornAt = clock.monotonicMs();
    const death = await life(options);
    if (signal.aborted) return;
    const now = clock.monotonicMs();
    const isWeather = options.isWeather?.(death) === true;
    if (!isWeather && isLast(options, { deaths, now, death })) return;
    await clock.sleep(isWeather ? delayMs(now - bornAt) : rebuildDelayMs, signal).catch(() => {});
  }
}

/** True when it died too often: said, and handed over. */
function isLast(
  { name, log, onExhausted }: LoopOptions,
  {
    deaths,
    now,
    death,
  }: { readonly deaths: number[]; readonly now: number; readonly death: unknown },
): boolean {
  const recent = deaths.filter((at) => now - at < windowMs);
  deaths.splice(0, deaths.length, ...recent, now);
  const said = { loop: name, count: deaths.length, error: death };
  if (recent.length < rebuildsMax) {
    log.error("loop died and is built again", said);
    return false;
  }
  log.fatal("loop died too often", said);
  onExhausted(exhaustedExitCode);
  return true;
}

/** Grows while lives are short. */
function createWeatherDelay(): (livedMs: number) => number {
  let short = 0;
  return (livedMs) => {
    short = livedMs < windowMs ? short + 1 : 1;
    return Math.min(rebuildDelayMs * 2 ** Math.min(short - 1, 16), weatherDelayMsMax);
  };
}

async function life({ run, signal }: LoopOptions): Promise<unknown> {
  try {
    await run(signal);
    return undefined;
  } catch (error) {
    return error;
  }
}
