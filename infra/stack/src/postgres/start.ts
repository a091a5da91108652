import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { stopOrphan } from "@rekey/runtime";
import type { Environment } from "../environment.ts";
import { startPart, type OnLaunch, type RunningPart } from "../process/part.ts";

export interface PostgresOptions {
  readonly name: string;
  /** Its data, password and log. */
  readonly folder: string;
  readonly port: number;
  /** Where the programs are copied when the server's own user may not enter the checkout. */
  readonly programsDir: string;
  readonly onLaunch: OnLaunch;
  readonly environment: Environment;
}

/** PostgreSQL 18 from npm, kept by a process of its own. Throws PORT_IN_USE or START_FAILED. */
export const startPostgres = async (options: PostgresOptions): Promise<RunningPart> => {
  const { name, folder, port, programsDir, onLaunch, environment } = options;
  await mkdir(folder, { recursive: true });
  // A keeper that was killed leaves its server, which still has the port.
  await stopOrphan(folder);
  const keeper = join(import.meta.dirname, "keeper.main.ts");
  return startPart({
    name,
    port,
    folder,
    onLaunch,
    program: {
      command: process.execPath,
      args: [keeper, folder, String(port), programsDir],
      variables: environment.variables,
    },
    isReady: async (launched) => (await launched.logged()).includes("ready to keep the server"),
  });
};
