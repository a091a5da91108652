import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "@rekey/domain";

/** The domain's clock plus the wall, which only logs, exports and expiry of outside things may ask. */
export type WallClock = Clock & {
  /** Milliseconds since 1970. */
  now(): number;
};

export const systemClock: WallClock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: async (milliseconds, signal) => {
    const abort = new AbortController();
    const passOn = (): void => abort.abort(signal?.reason);
    if (signal?.aborted === true) passOn();
    signal?.addEventListener("abort", passOn, { once: true });
    try {
      await sleep(milliseconds, undefined, { signal: abort.signal });
    } catch {
      throw signal?.reason ?? abort.signal.reason;
    } finally {
      signal?.removeEventListener("abort", passOn);
    }
  },
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};
