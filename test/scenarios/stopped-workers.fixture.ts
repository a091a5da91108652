import type { Clock } from "@rekey/domain";
import type { TickParts } from "@rekey/engine";
import type { VirtualClock } from "@rekey/testkit";
import type { SmallWorld } from "./small-world.fixture.ts";

interface Process {
  stopped: boolean;
  /** What would have happened in it meanwhile. */
  readonly missed: (() => void)[];
}

const processOf = (): Process => ({ stopped: false, missed: [] });

const clockIn = (process: Process, clock: VirtualClock): Clock => ({
  monotonicMs: () => clock.monotonicMs(),
  sleep: async (milliseconds, signal) =>
    await clock.sleep(milliseconds, signal as AbortSignal | undefined),
  after: (milliseconds, callback) =>
    clock.after(milliseconds, () => {
      if (process.stopped) process.missed.push(callback);
      else callback();
    }),
});

/** Workers of a process each: one that is stopped, as by SIGSTOP, does nothing and none of its timers fires. */
export const stoppableWorkers = (world: SmallWorld, parts: TickParts) => {
  const frozen: Process[] = [];
  let running: Process = processOf();
  let stopped = false;
  return {
    /** What the next worker works with. */
    next: (): TickParts => {
      const process = processOf();
      return {
        ...parts,
        clock: clockIn(process, world.clock),
        failpoint: async (name) => {
          running = process;
          await world.at(name);
        },
      };
    },
    /** True once after a worker was stopped. */
    wasStopped: (): boolean => {
      const was = stopped;
      stopped = false;
      return was;
    },
    freeze: async (): Promise<void> => {
      const process = running;
      stopped = true;
      process.stopped = true;
      frozen.push(process);
      await new Promise<void>((resolve) => process.missed.push(resolve));
    },
    thaw: async (): Promise<void> => {
      world.thawing = true;
      for (const process of frozen.splice(0)) {
        process.stopped = false;
        for (const missed of process.missed.splice(0)) missed();
      }
      await world.clock.advance(0);
      world.thawing = false;
    },
  };
};
