import type { WallClock } from "@rekey/runtime";

export type VirtualClock = WallClock & {
  /** Lets time pass: whatever is due runs in order, each with all that follows from it at once. */
  advance(milliseconds: number): Promise<void>;
  /** Moves the wall alone, as an operator or NTP does; negative goes back. */
  shiftWall(milliseconds: number): void;
  /** Sleeps and callbacks that wait; a test ends with none. */
  pending(): number;
};

type Timer = { readonly at: number; readonly order: number; readonly run: () => void };

const wallStart = Date.UTC(2026, 0, 1);

/** Time that stands still until the test moves it. */
export function createVirtualClock(startAt = wallStart): VirtualClock {
  let elapsed = 0;
  let wallShift = 0;
  let order = 0;
  const timers = new Set<Timer>();
  const after = (milliseconds: number, run: () => void): (() => void) => {
    const timer = { at: elapsed + Math.max(0, milliseconds), order: order++, run };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  const nextDue = (until: number): Timer | undefined =>
    [...timers]
      .filter(({ at }) => at <= until)
      .toSorted((a, b) => a.at - b.at || a.order - b.order)
      .at(0);
  return {
    now: () => startAt + elapsed + wallShift,
    monotonicMs: () => elapsed,
    after,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason as Error);
        const stop = (): void => {
          cancel();
          reject(signal?.reason as Error);
        };
        const cancel = after(milliseconds, () => {
          signal?.removeEventListener("abort", stop);
          resolve();
        });
        signal?.addEventListener("abort", stop, { once: true });
      }),
    advance: async (milliseconds) => {
      const until = elapsed + milliseconds;
      await settled();
      for (let due = nextDue(until); due !== undefined; due = nextDue(until)) {
        timers.delete(due);
        elapsed = due.at;
        due.run();
        await settled();
      }
      elapsed = until;
    },
    shiftWall: (milliseconds) => {
      wallShift += milliseconds;
    },
    pending: () => timers.size,
  };
}

// A turn of the event loop: every promise that can go on without real input has gone on.
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
