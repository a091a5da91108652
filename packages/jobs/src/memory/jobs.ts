import type { Clock, Dispatcher, Hint, Lane } from "@rekey/domain";
import { assert, Fault, lanes } from "@rekey/domain";
import { jobIdOf } from "../hint-job.ts";
import { jobsPaceDefault } from "../pace.ts";
import { createLane } from "./lane.ts";
import type { MemoryLane, MemoryServing } from "./lane.ts";

/** A backend in memory for the simulator and unit tests; the faults of a real one are switches. */
export interface MemoryJobs {
  /** A dispatcher of its own, as another process would have. */
  open(): MemoryDispatcher;
  /** All contents are gone, as after FLUSHALL. */
  lose(): void;
  /** Unreachable: every call rejects and nothing new is performed. */
  setReachable(reachable: boolean): void;
}

export interface MemoryDispatcher extends Dispatcher {
  /** As kill -9 of its process: what it performed goes to another server after the lock time. */
  kill(): void;
}

interface MemoryOptions {
  readonly clock: Clock;
  readonly lockMs?: number;
  /** What `perform` threw; by default nobody is told. */
  readonly onFailure?: (lane: Lane, error: unknown) => void;
}

export function createMemoryJobs(options: MemoryOptions): MemoryJobs {
  const lockMs = options.lockMs ?? jobsPaceDefault.lockMs;
  const state = { reachable: true, epoch: 0 };
  const byName = new Map<Lane, MemoryLane>(
    lanes.map((lane) => [
      lane,
      createLane({
        clock: options.clock,
        lockMs,
        reachable: () => state.reachable,
        onFailure: (error) => options.onFailure?.(lane, error),
      }),
    ]),
  );
  const laneOf = (name: Lane): MemoryLane => {
    const lane = byName.get(name);
    assert(lane !== undefined, "a lane that does not exist");
    return lane;
  };
  return {
    open: () => openDispatcher(laneOf, state),
    lose() {
      state.epoch += 1;
      for (const lane of byName.values()) lane.lose();
    },
    setReachable(reachable) {
      state.reachable = reachable;
      for (const lane of byName.values()) lane.pump();
    },
  };
}

function openDispatcher(
  laneOf: (name: Lane) => MemoryLane,
  state: { readonly reachable: boolean; readonly epoch: number },
): MemoryDispatcher {
  const servings = new Set<MemoryServing>();
  let knownEpoch = state.epoch;
  let closed = false;
  const requireReachable = (): void => {
    if (!state.reachable || closed) throw new Fault("JOBS_UNREACHABLE");
  };
  return {
    async invite(lane, hint, options) {
      requireReachable();
      const delayMs = options?.delayMs ?? 0;
      laneOf(lane).add(jobIdOf(hint, delayMs), hint, delayMs);
    },
    async outstanding(lane) {
      requireReachable();
      return laneOf(lane).outstanding();
    },
    async serve(lane, slots, perform: (hint: Hint) => Promise<void>) {
      requireReachable();
      const serving = laneOf(lane).serve(slots, perform);
      servings.add(serving);
      return serving;
    },
    async lostContents() {
      requireReachable();
      const lost = knownEpoch !== state.epoch;
      knownEpoch = state.epoch;
      return lost;
    },
    async check() {
      requireReachable();
    },
    async close() {
      closed = true;
      await Promise.all([...servings].map((serving) => serving.stop()));
    },
    kill() {
      closed = true;
      for (const serving of servings) serving.kill();
    },
  };
}
