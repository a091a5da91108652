import type { Clock, Serving } from "@rekey/domain";
import { settledWithin } from "@rekey/runtime";
import { answerMs, stopMs } from "../pace.ts";
import { withinOrFault } from "../within.ts";
import type { JobsBackend, WorkerRequest } from "./backend.ts";

// What is left of a stop once no handler runs: the lock timer and the connections.
const closeMs = 1_000;

interface ServingOptions {
  readonly backend: JobsBackend;
  readonly clock: Clock;
}

/** A worker of one lane whose stop is bounded whatever its handlers do. */
export async function startServing(
  options: ServingOptions,
  request: WorkerRequest,
): Promise<Serving> {
  const { backend, clock } = options;
  const running = new Set<Promise<void>>();
  const perform = async (content: unknown): Promise<void> => {
    const work = request.perform(content);
    running.add(work);
    await work.finally(() => running.delete(work));
  };
  const starting = backend.work({ ...request, perform });
  const worker = await withinOrFault(clock, answerMs, starting).catch((error: unknown) => {
    // One that starts too late serves nobody.
    starting.then((late) => late.close(true)).catch(() => undefined);
    throw error;
  });
  const stop = async (): Promise<void> => {
    const endsAtMs = clock.monotonicMs() + stopMs;
    await settledWithin(clock, stopMs, worker.pause());
    const leftMs = Math.max(endsAtMs - clock.monotonicMs(), 1);
    await settledWithin(clock, leftMs, Promise.all(running));
    await settledWithin(clock, closeMs, worker.close(running.size > 0));
  };
  let stopped: Promise<void> | undefined;
  return { stop: () => (stopped ??= stop()) };
}
