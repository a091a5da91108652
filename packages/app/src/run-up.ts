import type { Failpoint } from "@rekey/domain";
import {
  createLog,
  createShutdown,
  loadConfig,
  systemClock,
  type Environment,
  type StoppableProcess,
} from "@rekey/runtime";
import { rekeyConfig } from "./config.ts";
import { startRekey, type RunningRekey } from "./rekey-up.ts";

interface RunUpOptions {
  /** Absent: defaults and `REKEY_…` variables alone. */
  readonly configFile?: string;
  readonly environment: Environment;
  readonly process: StoppableProcess;
  /** Only a test's main.ts gives one. */
  readonly failpoint?: Failpoint;
  /** Called once when everything runs. */
  readonly onUp?: (running: RunningRekey) => void;
}

const noFailpoint: Failpoint = async () => {};

/** `rekey up`: reads the configuration, starts everything, and ends with SIGTERM or SIGINT. Throws ConfigFault. */
export const runUp = async (options: RunUpOptions): Promise<void> => {
  const { configFile, environment } = options;
  const config = await loadConfig({
    schema: rekeyConfig,
    environment,
    ...(configFile === undefined ? {} : { file: configFile }),
  });
  const log = createLog({ level: config.logLevel });
  const shutdown = createShutdown({ log, clock: systemClock, process: options.process });
  try {
    const running = await startRekey({
      config,
      environment,
      log,
      shutdown,
      failpoint: options.failpoint ?? noFailpoint,
    });
    options.onUp?.(running);
    await running.ended;
  } catch (error) {
    if (shutdown.signal.aborted) return;
    log.fatal("rekey could not start", { error });
    await shutdown.stop("start failed", 1);
    throw error;
  }
};
