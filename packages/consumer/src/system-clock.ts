import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "@rekey/domain";

/** The machine's clock. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  sleep: (milliseconds, signal) =>
    sleep(milliseconds, undefined, signal === undefined ? {} : { signal: signal as AbortSignal }),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};
