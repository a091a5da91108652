import type { Failpoint } from "@rekey/domain";
import {
  ConfigFault,
  createLog,
  createSecretSources,
  createShutdown,
  describeError,
  loadConfig,
  systemClock,
  type Environment,
  type Shutdown,
  type StoppableProcess,
} from "@rekey/runtime";
import { rekeyConfig, type RekeyConfig } from "./config/embedded.ts";
import { exitCodeFor } from "./exit-codes.ts";
import { configProblems } from "./parts/providers.ts";
import { startRekey, type RunningRekey } from "./rekey-up.ts";

/** The part of `process` that a whole run needs. */
type RunnableProcess = StoppableProcess & {
  readonly stderr: { write(text: string): unknown };
};

interface RunUpOptions {
  /** Absent: defaults and `REKEY_…` variables alone. */
  readonly configFile?: string;
  readonly environment: Environment;
  readonly process: RunnableProcess;
  /** Only a test's main.ts gives one. */
  readonly failpoint?: Failpoint;
  /** Called once when everything runs. */
  readonly onUp?: (running: RunningRekey) => void;
}

const noFailpoint: Failpoint = async () => {};

/**
 * `rekey up`: reads the configuration, starts everything, and ends the process itself: after SIGTERM or SIGINT,
 * or with the reason on standard error and a code of exit-codes.ts when it cannot start.
 */
export const runUp = async (options: RunUpOptions): Promise<void> => {
  const config = await readConfig(options);
  if (config === undefined) return;
  const log = createLog({ level: config.logLevel });
  const shutdown = createShutdown({ log, clock: systemClock, process: options.process });
  try {
    const running = await startRekey({
      config,
      environment: options.environment,
      log,
      shutdown,
      failpoint: options.failpoint ?? noFailpoint,
    });
    options.onUp?.(running);
    await running.ended;
    // Loops end first of all: whoever waits for this waits for the rest of the stop too.
    await shutdown.stop("its loops ended");
  } catch (error) {
    // Asked to stop while it started: what it then met is no failure.
    if (shutdown.signal.aborted) return;
    log.fatal("rekey could not start", { error });
    await giveUp(options, shutdown, error);
  }
};

const readConfig = async (options: RunUpOptions): Promise<RekeyConfig | undefined> => {
  const { configFile, environment, process } = options;
  try {
    return await loadConfig({
      schema: rekeyConfig,
      environment,
      ...(configFile === undefined ? {} : { file: configFile }),
    });
  } catch (error) {
    const whole = await withPartsProblems(error, environment);
    explain(process, whole);
    process.exit(exitCodeFor(whole));
    return undefined;
  }
};

/** Whoever mends the file sees all of it: what could be read is checked further, as if it stood alone. */
const withPartsProblems = async (error: unknown, environment: Environment): Promise<unknown> => {
  if (!(error instanceof ConfigFault) || error.sound === undefined) return error;
  const sources = createSecretSources({ environment, clock: systemClock });
  const further = await configProblems(error.sound as RekeyConfig, sources);
  const told = error.problems.map(({ path }) => path);
  // A store that was left out for its own problem is configured all the same.
  const isStoreKnown = told.some((path) => path.startsWith("stores"));
  const news = further.filter(
    ({ path }) => !told.includes(path) && !(isStoreKnown && path.endsWith(".control.store.store")),
  );
  return new ConfigFault([...error.problems, ...news]);
};

const giveUp = async (
  { process }: RunUpOptions,
  shutdown: Shutdown,
  error: unknown,
): Promise<void> => {
  explain(process, error);
  await shutdown.stop("start failed", exitCodeFor(error));
};

/** Only what was written to be read by anyone; the log line has the code of everything else. */
const explain = (process: RunnableProcess, error: unknown): void => {
  const { code, text } = describeError(error);
  process.stderr.write(`rekey up: ${text ?? code}\n`);
};
