import { setTimeout as pause } from "node:timers/promises";

interface UntilOptions {
  /** What was waited for, in words. */
  readonly what: string;
  readonly withinMs: number;
  readonly signal: AbortSignal;
  readonly everyMs?: number;
}

const everyMsDefault = 50;

/** Asks again and again until the answer is there; throws with its last words when it takes too long. */
export const until = async <Value>(
  options: UntilOptions,
  ask: () => Promise<Value | undefined>,
): Promise<Value> => {
  const { what, withinMs, signal, everyMs = everyMsDefault } = options;
  const deadline = performance.now() + withinMs;
  for (;;) {
    signal.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline)
      throw new Error(`gave up after ${withinMs / 1_000} s waiting for ${what}`);
    await pause(everyMs, undefined, { signal });
  }
};
