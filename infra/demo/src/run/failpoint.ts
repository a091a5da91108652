import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Failpoint } from "@rekey/domain";

/** Names the file that holds the armed point. */
export const failpointVariable = "REKEY_DEMO_FAILPOINT";

const sprungSuffix = ".sprung";

/** What a sprung point leaves behind: the name is written before the kill, by the process that dies. */
export const sprungFile = (file: string): string => `${file}${sprungSuffix}`;

export const armFailpoint = (file: string, point: string): void => writeFileSync(file, point);

/**
 * Kills its own process with SIGKILL at the armed point, once: the file is moved away first, so that the next
 * process goes on. Without a file nothing happens.
 */
export const killingFailpoint =
  (file: string, kill: () => void = () => process.kill(process.pid, "SIGKILL")): Failpoint =>
  async (point) => {
    if (armedPoint(file) !== point) return;
    renameSync(file, sprungFile(file));
    kill();
    // Not one more step while the signal is on its way.
    await new Promise<never>(() => {});
  };

const armedPoint = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
};
