import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "@rekey/domain";

/** The machine's own time, for tests that wait on real servers and processes. */
export const realClock: Clock = {
  monotonicMs: () => performance.now(),
  sleep: (milliseconds, signal) =>
    sleep(milliseconds, undefined, signal === undefined ? {} : { signal: signal as AbortSignal }),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};
