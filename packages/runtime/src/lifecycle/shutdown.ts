import type { Clock } from "@rekey/domain";
import { withinLimit } from "../clock/within.ts";
import type { Log } from "../logger/log.ts";

/** The part of `process` that stopping needs. */
export type StoppableProcess = {
  on(signal: "SIGTERM" | "SIGINT", listener: () => void): unknown;
  off(signal: "SIGTERM" | "SIGINT", listener: () => void): unknown;
  exit(code: number): void;
};

export type ShutdownOptions = {
  readonly log: Log;
  readonly clock: Clock;
  readonly process: StoppableProcess;
  /** For all steps together; below 5 s, so that a supervisor's kill never cuts it. */
  readonly deadlineMs?: number;
};

export type Shutdown = {
  /** Aborted when stopping begins: loops and long waits end on it. */
  readonly signal: AbortSignal;
  /** Last registered, first stopped. Waits for each before the next, all within the deadline. */
  onStop(step: string, stop: () => Promise<void> | void): void;
  /** Stops once, whoever asks first; resolves with the exit code after `process.exit` was called. */
  stop(reason: string, exitCode?: number): Promise<number>;
};

const deadlineDefaultMs = 4_500;
/** The last lines of a log that somebody reads need far less; nobody may keep the process by not reading. */
const flushMsMax = 400;
const interrupted = { SIGTERM: 143, SIGINT: 130 } as const;
const failedExitCode = 1;

/** From now on SIGTERM and SIGINT stop the process in order; a second one ends it at once. */
export function createShutdown(options: ShutdownOptions): Shutdown {
  const abort = new AbortController();
  const steps: { step: string; stop: () => Promise<void> | void }[] = [];
  let stopping: Promise<number> | undefined;
  const stop = (reason: string, exitCode = 0): Promise<number> => {
    stopping ??= stopAll(options, { steps, reason, abort }).then(async (clean) => {
      // What is still being written when the process exits would come after what was logged later, or never.
      await endOf(async () => await options.log.flush(), {
        clock: options.clock,
        limitMs: flushMsMax,
      });
      const code = clean || exitCode !== 0 ? exitCode : failedExitCode;
      options.process.off("SIGTERM", onTerm);
      options.process.off("SIGINT", onInt);
      options.process.exit(code);
      return code;
    });
    return stopping;
  };
  const onSignal = (signal: "SIGTERM" | "SIGINT") => (): void => {
    if (stopping === undefined) void stop(signal);
    else options.process.exit(interrupted[signal]);
  };
  const [onTerm, onInt] = [onSignal("SIGTERM"), onSignal("SIGINT")];
  options.process.on("SIGTERM", onTerm);
  options.process.on("SIGINT", onInt);
  return {
    signal: abort.signal,
    onStop: (step, run) => void steps.push({ step, stop: run }),
    stop,
  };
}

/** False when a step failed or the deadline passed. */
async function stopAll(
  options: ShutdownOptions,
  work: {
    readonly steps: readonly { step: string; stop: () => Promise<void> | void }[];
    readonly reason: string;
    readonly abort: AbortController;
  },
): Promise<boolean> {
  const { log, clock, deadlineMs = deadlineDefaultMs } = options;
  const startedAt = clock.monotonicMs();
  log.info("stopping", { reason: work.reason });
  work.abort.abort(new Error(`stopping: ${work.reason}`));
  let clean = true;
  for (const { step, stop } of work.steps.toReversed()) {
    const remainingMs = deadlineMs - (clock.monotonicMs() - startedAt);
    const outcome = await endOf(stop, { clock, limitMs: remainingMs });
    if (outcome === "stopped") continue;
    clean = false;
    if (outcome === "late") log.error("not stopped within the deadline", { step });
    else log.error("failed to stop", { step, error: outcome.failure });
  }
  log.info("stopped", { durationMs: Math.round(clock.monotonicMs() - startedAt) });
  return clean;
}

// After the deadline each step is still begun, as closing what remains may be a matter of a
// moment, but none is waited for.
async function endOf(
  stop: () => Promise<void> | void,
  { clock, limitMs }: { readonly clock: Clock; readonly limitMs: number },
): Promise<"stopped" | "late" | { readonly failure: unknown }> {
  const stopped = (async () => stop())().then(
    () => "stopped" as const,
    (failure: unknown) => ({ failure }),
  );
  return await withinLimit(stopped, {
    clock,
    limitMs: Math.max(0, limitMs),
    onLate: () => "late" as const,
  });
}
