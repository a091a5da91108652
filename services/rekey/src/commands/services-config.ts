import type { Environment } from "@rekey/runtime";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { badInput } from "../failure.ts";
import { withoutTarget } from "../gateway/target.ts";

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
  // A gateway's socket is a setting of `rekey up` alone; here the variable only says which one others ask.
  const { REKEY_SOCKET: _socket, ...settings } = withoutTarget(environment);
  return { configFile, environment: settings };
};
