import type { Environment } from "../environment.ts";
import { installGitleaks, installVault } from "./go-programs.ts";
import type { Note } from "./install-once.ts";
import { installKafka } from "./kafka.ts";
import { locate, type InstalledPart } from "./locate.ts";
import { installRedis } from "./redis.ts";
import type { Doing } from "../cli/progress.ts";

const installers = {
  kafka: installKafka,
  redis: installRedis,
  vault: installVault,
  gitleaks: installGitleaks,
} as const satisfies Record<InstalledPart, (environment: Environment, note: Note) => Promise<void>>;

/** What is said while it is installed. */
export const installing = (part: InstalledPart): Doing => ({
  doing: `installing ${part}`,
  done: `${part} is installed`,
});

/** Does nothing when it is there. Throws TOOL_MISSING, PART_MISSING or INSTALL_FAILED, which say what to do. */
export const install = async (
  part: InstalledPart,
  environment: Environment,
  note: Note,
): Promise<void> => {
  if (locate(part, environment) === undefined) await installers[part](environment, note);
};
