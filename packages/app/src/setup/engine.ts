import type { EngineParts } from "@rekey/engine";
import { loadConfig, systemClock, type Environment, type Log, type Shutdown } from "@rekey/runtime";
import { serviceConfig } from "../config/service.ts";
import { createInFlight } from "../parts/in-flight.ts";
import { engineParts, newWorker } from "../parts/engine.ts";
import { openProductionParts } from "../parts/production.ts";

interface EngineOptions {
  readonly configFile: string;
  readonly environment: Environment;
  readonly log: Log;
  readonly shutdown: Shutdown;
}

/** What a rotator acts with, on production parts and without its loops: whoever asks for it decides what it does. */
export const openEngine = async (options: EngineOptions): Promise<EngineParts> => {
  const { configFile, environment, log, shutdown } = options;
  const config = await loadConfig({ schema: serviceConfig, file: configFile, environment });
  const failpoint = async (): Promise<void> => {};
  const kinds = ["rotator"] as const;
  const parts = await openProductionParts({ ...options, kinds, config, failpoint });
  const inFlight = createInFlight({ clock: systemClock, log, shutdown });
  const worker = newWorker();
  return engineParts({ parts, config, kinds, inFlight, failpoint, log, worker });
};
