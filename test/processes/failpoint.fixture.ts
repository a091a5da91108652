import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { Failpoint } from "@rekey/domain";

/** Names the file that holds the armed point. */
export const failpointVariable = "REKEY_TEST_FAILPOINT";

const sprungFile = (file: string): string => `${file}.sprung`;

export const armFailpoint = (file: string, point: string): void => {
  rmSync(sprungFile(file), { force: true });
  writeFileSync(file, point);
};

/** Whether the process died at the armed point, and not of something else. */
export const hasSprung = (file: string): boolean => existsSync(sprungFile(file));

const sayPrefix = "say:";

/** The process writes the text on its standard output when it next comes to the point, and goes on. */
export const armSaying = (file: string, point: string, text: string): void =>
  armFailpoint(file, `${sayPrefix}${point}:${text}`);

/**
 * SIGKILLs its own process at the armed point, once: the file is moved away first, so that the next process
 * goes on.
 */
export const killingFailpoint =
  (file: string): Failpoint =>
  async (point) => {
    const armed = armedAt(file);
    const saying = `${sayPrefix}${point}:`;
    const says = armed?.startsWith(saying) === true;
    if (armed !== point && !says) return;
    if (!spring(file)) return;
    if (says) return void process.stdout.write(`${armed.slice(saying.length)}\n`);
    process.kill(process.pid, "SIGKILL");
    // Not one more step while the signal is on its way.
    await new Promise<never>(() => {});
  };

/** False where another process was at the point in the same moment, and took it. */
const spring = (file: string): boolean => {
  try {
    renameSync(file, sprungFile(file));
    return true;
  } catch {
    return false;
  }
};

const armedAt = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
};
