import { withoutTargets, type Environment } from "@rekey/runtime";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { badInput } from "../failure.ts";

/** What a command needs that prepares the systems services run on: it asks them itself, not a gateway. */
export interface ServicesSetup {
  readonly configFile: string;
  readonly environment: Environment;
}

const variable = "REKEY_CONFIG";

export const withServicesConfig = (command: Command): Command =>
  command.option("-c, --config <file>", `the services' configuration (or ${variable})`);

/** Throws CommandFailure where no file is named. */
export const servicesSetup = (
  { environment }: Context,
  { config }: { readonly config?: string },
): ServicesSetup => {
  const configFile = config ?? environment[variable];
  if (configFile === undefined)
    throw badInput(`name the services' configuration by --config or ${variable}`);
  return { configFile, environment: withoutTargets(environment) };
};
