import type { Failpoint } from "@rekey/domain";
import { createSecretSources, systemClock, type Environment } from "@rekey/runtime";
import { rekeyConfig } from "./config/embedded.ts";
import { configProblems } from "./parts/providers.ts";
import { startRekey, type RunningRekey } from "./rekey-up.ts";
import { runProcess, type RunnableProcess } from "./running.ts";

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

/** `rekey up`: reads the configuration, starts everything, and ends the process itself. */
export const runUp = async (options: RunUpOptions): Promise<void> => {
  const { environment, failpoint = noFailpoint, onUp, ...run } = options;
  const sources = createSecretSources({ environment, clock: systemClock });
  await runProcess({
    ...run,
    environment,
    name: "rekey up",
    schema: rekeyConfig,
    problems: async (config) => await configProblems(config, sources),
    start: async (started) => {
      const running = await startRekey({ ...started, environment, failpoint });
      onUp?.(running);
      return running;
    },
  });
};
