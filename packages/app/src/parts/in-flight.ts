import { Fault, type NewAbort } from "@rekey/domain";
import type { Log, Shutdown, WallClock } from "@rekey/runtime";

/** Work goes on this long after the stop was asked: most steps end by themselves. */
const graceMs = 1_000;
/** Then its calls are aborted, and this long it may take to notice. */
const noticeMs = 1_000;

/** What runs beside the loops, so that a stop waits for it, and not for ever. */
export interface InFlight {
  /** Runs something beside its caller; what it throws ends in the log. */
  readonly beside: (work: () => Promise<void>) => void;
  /** Aborts with its holder, and with every other one when the stop's grace is over. */
  readonly newAbort: NewAbort;
  /** Resolves when no work runs, or when waiting longer is no use: the next start confirms what was under way. */
  settled(loops: Promise<unknown>): Promise<void>;
}

interface InFlightOptions {
  readonly clock: WallClock;
  readonly log: Log;
  readonly shutdown: Pick<Shutdown, "signal">;
}

export const createInFlight = ({ clock, log, shutdown }: InFlightOptions): InFlight => {
  const running = new Set<Promise<void>>();
  const over = new AbortController();
  shutdown.signal.addEventListener(
    "abort",
    () => void clock.after(graceMs, () => over.abort(new Error("stopping"))),
    { once: true },
  );
  return {
    beside: (work) => {
      const done = work()
        .catch((error: unknown) => {
          // What was left behind by the stop loses its ledger: no failure, the next start goes on.
          if (over.signal.aborted) log.warn("urgent work was cut off by the stop", { error });
          // It comes back, and the work is claimed again from the ledger.
          else if (error instanceof Fault && error.action === "retry")
            log.warn("urgent work waits for a part that is away", { error });
          else log.error("urgent work stopped", { error });
        })
        .finally(() => running.delete(done));
      running.add(done);
    },
    newAbort: () => {
      const own = new AbortController();
      const signal = AbortSignal.any([own.signal, over.signal]);
      return { signal, abort: (reason) => own.abort(reason) };
    },
    settled: async (loops) => {
      // In this order: until its loop has ended, intake starts more.
      const all = loops.then(async () => await allOf(running)).then(() => "settled" as const);
      const late = clock.sleep(graceMs + noticeMs).then(() => "late" as const);
      if ((await Promise.race([all, late])) === "late")
        log.warn("work under way was left to the next start", { count: running.size });
    },
  };
};

/** Also what is started meanwhile. */
const allOf = async (running: ReadonlySet<Promise<void>>): Promise<void> => {
  while (running.size > 0) await Promise.all(running);
};
