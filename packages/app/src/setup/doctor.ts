import {
  ConfigFault,
  createSecretSources,
  loadConfig,
  silentLog,
  systemClock,
} from "@rekey/runtime";
import type { DoctorCheck } from "@rekey/gateway";
import { serviceConfig, type ServiceConfig } from "../config/service.ts";
import { processKinds, type ProcessKind } from "../kinds/catalog.ts";
import { doctor } from "../operations/doctor.ts";
import { openProductionParts } from "../parts/production.ts";
import { missingSections, serviceProblems } from "../service/requirements.ts";
import type { SetupRequest } from "./migrate.ts";

/**
 * One real request, from this place and with this file's credentials, to everything that a service with this
 * configuration would use. Throws ConfigFault for a configuration that no service could start with.
 */
export const doctorServices = async ({
  configFile,
  environment,
}: SetupRequest): Promise<readonly DoctorCheck[]> => {
  const config = await loadConfig({
    schema: serviceConfig,
    environment,
    ...(configFile !== undefined && { file: configFile }),
  });
  const kinds = possibleKinds(config);
  const sources = createSecretSources({ environment, clock: systemClock });
  const problems = await serviceProblems(config, kinds, sources);
  if (problems.length > 0) throw new ConfigFault(problems);
  const closing: (() => Promise<void> | void)[] = [];
  try {
    const parts = await openProductionParts({
      kinds,
      config,
      environment,
      log: silentLog,
      shutdown: { onStop: (_step, stop) => void closing.push(stop) },
      failpoint: async () => {},
    });
    return await doctor(parts);
  } finally {
    for (const close of closing.toReversed()) await close();
  }
};

/** A file with some sections is meant for the kinds that need no others; one with none of them lacks everything. */
const possibleKinds = (config: ServiceConfig): readonly ProcessKind[] => {
  const possible = processKinds.filter((kind) => missingSections(config, [kind]).length === 0);
  return possible.length > 0 ? possible : processKinds;
};
