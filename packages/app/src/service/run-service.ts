import { parseArgs } from "node:util";
import type { Failpoint } from "@rekey/domain";
import {
  createSecretSources,
  fileVariable,
  systemClock,
  withoutTargets,
  type Environment,
} from "@rekey/runtime";
import { serviceConfig, type ServiceConfig } from "../config/service.ts";

import { exitCodes } from "../exit-codes.ts";
import type { ProcessKind } from "../kinds/catalog.ts";
import { readConfig, runProcess, type Run, type RunnableProcess } from "../running.ts";
import { serviceProblems } from "./requirements.ts";
import { startService } from "./start-service.ts";

interface ServiceOptions {
  readonly kind: ProcessKind;
  /** Other kinds that run in the same process. */
  readonly beside?: readonly ProcessKind[];
  /** The command's words, without the program's name. */
  readonly words: readonly string[];
  readonly environment: Environment;
  readonly process: RunnableProcess & { readonly stdout: { write(text: string): unknown } };
  /** Only a test's main.ts gives one. */
  readonly failpoint?: Failpoint;
}

const noFailpoint: Failpoint = async () => {};

const usage = (kind: ProcessKind): string => `rekey ${kind}: one of Rekey's services

Usage: node services/${kind}/src/main.ts [--config <file>] [--check]

  -c, --config <file>  the services' configuration (or ${fileVariable}); REKEY_… variables lie over it
      --check          read the configuration, say every problem of it, and end
  -h, --help           this text

It runs until SIGTERM or SIGINT. Exit codes: 0 stopped as asked, 1 could not start or stop, 2 the configuration
is wrong, 70 a part died too often: start it again.
`;

/** One service of production: reads the configuration, starts its kind, and ends the process itself. */
export const runService = async (options: ServiceOptions): Promise<void> => {
  const { kind, beside = [], process, environment } = options;
  const kinds = [kind, ...beside];
  const words = wordsOf(options);
  if (words === undefined) return;
  const configFile = words.config ?? environment[fileVariable];
  const sources = createSecretSources({ environment, clock: systemClock });
  const run: Omit<Run<ServiceConfig>, "start"> = {
    name: `rekey ${kind}`,
    schema: serviceConfig,
    ...(configFile !== undefined && { configFile }),
    environment: withoutTargets(environment),
    process,
    problems: async (config) => await serviceProblems(config, kinds, sources),
  };
  if (words.check === true) {
    if ((await readConfig(run)) !== undefined) process.stdout.write("the configuration is fine\n");
    return;
  }
  await runProcess({
    ...run,
    start: async (started) =>
      await startService({
        ...started,
        kinds,
        environment,
        failpoint: options.failpoint ?? noFailpoint,
      }),
  });
};

interface Words {
  readonly config?: string | undefined;
  readonly check?: boolean | undefined;
}

/** Undefined when there is nothing more to do: help was asked, or a word is unknown. */
const wordsOf = ({ kind, words, process }: ServiceOptions): Words | undefined => {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        config: { type: "string", short: "c" },
        check: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help !== true) return values;
    process.stdout.write(usage(kind));
  } catch (error) {
    const reason = error instanceof Error ? error.message : "unknown words";
    process.stderr.write(`rekey ${kind}: ${reason}\n(--help says what there is)\n`);
    process.exit(exitCodes.configuration);
  }
  return undefined;
};
