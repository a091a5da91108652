import { Fault, faultCodes } from "@rekey/domain";
import {
  ConfigFault,
  createLog,
  createShutdown,
  describeError,
  loadConfig,
  systemClock,
  type ConfigProblem,
  type Environment,
  type Log,
  type LogLevel,
  type Shutdown,
  type StoppableProcess,
} from "@rekey/runtime";
import type { z } from "zod";
import { exitCodeFor } from "./exit-codes.ts";

/** The part of `process` that a whole run needs. */
export type RunnableProcess = StoppableProcess & {
  readonly stderr: { write(text: string): unknown };
};

interface Configured {
  readonly logLevel: LogLevel;
}

export interface Run<Config extends Configured> {
  /** What standard error begins with, such as `rekey up`. */
  readonly name: string;
  readonly schema: z.ZodType<Config>;
  /** Absent: defaults and `REKEY_…` variables alone. */
  readonly configFile?: string;
  readonly environment: Environment;
  readonly process: RunnableProcess;
  /** What the schema alone cannot tell; it is also asked about the sound part of a file that has problems. */
  readonly problems: (config: Config) => Promise<readonly ConfigProblem[]>;
  /** Starts everything; resolves to the promise of its end when all of it runs. */
  readonly start: (started: {
    readonly config: Config;
    readonly log: Log;
    readonly shutdown: Shutdown;
  }) => Promise<{ readonly ended: Promise<unknown> }>;
}

/**
 * A process from its configuration to its end: after SIGTERM or SIGINT, or with the reason on standard error and
 * a code of exit-codes.ts when it cannot start. It ends the process itself.
 */
export const runProcess = async <Config extends Configured>(run: Run<Config>): Promise<void> => {
  const config = await readConfig(run);
  if (config === undefined) return;
  const log = createLog({ level: config.logLevel });
  const shutdown = createShutdown({ log, clock: systemClock, process: run.process });
  try {
    const { ended } = await run.start({ config, log, shutdown });
    await ended;
    // Loops end first of all: whoever waits for this waits for the rest of the stop too.
    await shutdown.stop("its loops ended");
  } catch (error) {
    // Asked to stop while it started: what it then met is no failure.
    if (shutdown.signal.aborted) return;
    log.fatal("rekey could not start", { error });
    explain(run, error);
    await shutdown.stop("start failed", exitCodeFor(error));
  }
};

/** The configuration, or undefined after the process was ended with every problem of it told. */
export const readConfig = async <Config extends Configured>(
  run: Omit<Run<Config>, "start">,
): Promise<Config | undefined> => {
  const { configFile, environment, schema, problems, process } = run;
  try {
    const file = configFile === undefined ? {} : { file: configFile };
    const config = await loadConfig({ schema, environment, ...file });
    const found = await problems(config);
    if (found.length > 0) throw new ConfigFault(found);
    return config;
  } catch (error) {
    const whole = await withFurtherProblems(error, problems);
    explain(run, whole);
    process.exit(exitCodeFor(whole));
    return undefined;
  }
};

/** Whoever mends the file sees all of it: what could be read is checked further, as if it stood alone. */
const withFurtherProblems = async <Config>(
  error: unknown,
  problems: (config: Config) => Promise<readonly ConfigProblem[]>,
): Promise<unknown> => {
  if (!(error instanceof ConfigFault) || error.sound === undefined) return error;
  const further = await problems(error.sound as Config);
  const told = error.problems.map(({ path }) => path);
  // A store that was left out for its own problem is configured all the same.
  const isStoreKnown = told.some((path) => path.startsWith("stores"));
  const news = further.filter(
    ({ path }) =>
      !told.some((known) => known === path || known.startsWith(`${path}.`)) &&
      !(isStoreKnown && path.endsWith(".control.store.store")),
  );
  return new ConfigFault([...error.problems, ...news]);
};

/** Only what was written to be read by anyone; the log line has the code of everything else. */
const explain = (
  { name, process }: Pick<Run<Configured>, "name" | "process">,
  error: unknown,
): void => {
  const { code, text } = describeError(error);
  process.stderr.write(`${name}: ${text ?? code}${nextOf(error)}\n`);
};

const nextOf = (error: unknown): string =>
  error instanceof Fault ? ` (${error.code})\n  next: ${faultCodes[error.code].next}` : "";
