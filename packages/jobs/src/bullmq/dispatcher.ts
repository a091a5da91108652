import type { Clock, Dispatcher, Hint, Lane, Serving } from "@rekey/domain";
import { lanes } from "@rekey/domain";
import { settledWithin } from "@rekey/runtime";
import type { Log } from "@rekey/runtime";
import { hintOf, jobIdOf } from "../hint-job.ts";
import { answerMs } from "../pace.ts";
import { withinOrFault } from "../within.ts";
import type { JobQueue, JobsBackend } from "./backend.ts";
import { openEpoch } from "./epoch.ts";
import { startServing } from "./serving.ts";

const closeMs = 1_000;

interface DispatcherOptions {
  readonly backend: JobsBackend;
  readonly clock: Clock;
  readonly log: Log;
  readonly newId: () => string;
  /** The backend may be away when the process starts: work goes on from the ledger until it is there. */
  readonly mayBeAway?: boolean;
}

/** The dispatcher on an open backend; closes the backend when it cannot start or is closed. */
export async function createDispatcher(options: DispatcherOptions): Promise<Dispatcher> {
  const { backend, clock } = options;
  const bounded = <Value>(work: Promise<Value>): Promise<Value> =>
    withinOrFault(clock, answerMs, work);
  const epoch = openEpoch(backend.queue("epoch"), options.newId);
  await bounded(epoch.open()).catch(async (error: unknown) => {
    if (options.mayBeAway === true) return;
    await backend.close();
    throw error;
  });
  const queues = new Map<Lane, JobQueue>(lanes.map((lane) => [lane, backend.queue(lane)]));
  const queueOf = (lane: Lane): JobQueue => queues.get(lane) ?? backend.queue(lane);
  const servings = new Set<Serving>();
  const close = async (): Promise<void> => {
    await Promise.all([...servings].map((serving) => serving.stop()));
    await settledWithin(clock, closeMs, backend.close());
  };
  let closed: Promise<void> | undefined;
  return {
    async invite(lane, hint, inviteOptions) {
      await bounded(add(queueOf(lane), hint, inviteOptions?.delayMs));
    },
    outstanding: (lane) => bounded(countOutstanding(queueOf(lane))),
    async serve(lane, slots, perform) {
      const serving = await startServing(options, {
        lane,
        slots,
        perform: (content) => performHint(options.log, lane, { content, perform }),
      });
      servings.add(serving);
      return serving;
    },
    lostContents: () => bounded(epoch.lost()),
    async check() {
      await bounded<unknown>(backend.check?.() ?? countOutstanding(queueOf("urgent")));
    },
    close: () => (closed ??= close()),
  };
}

async function add(queue: JobQueue, hint: Hint, delayMs = 0): Promise<void> {
  const { kind, id, generation } = hint;
  // Removed at once when done: an id that BullMQ still knows would swallow the next invitation.
  await queue.add(
    "hint",
    { kind, id, generation },
    {
      jobId: jobIdOf(hint, delayMs),
      delay: delayMs,
      attempts: 1,
      removeOnComplete: true,
      removeOnFail: true,
    },
  );
}

async function countOutstanding(queue: JobQueue): Promise<number> {
  const counts = await queue.getJobCounts("wait", "active", "prioritized");
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

interface Performance {
  readonly content: unknown;
  readonly perform: (hint: Hint) => Promise<void>;
}

/** A failure ends here: BullMQ stores in clear what reaches it, and the ledger owns the retry. */
async function performHint(log: Log, lane: Lane, performance: Performance): Promise<void> {
  const hint = hintOf(performance.content);
  if (hint === undefined) return log.warn("a job that is no hint was dropped", { lane });
  try {
    await performance.perform(hint);
  } catch (error) {
    log.warn("the work a hint invited failed", { lane, kind: hint.kind, error });
  }
}
