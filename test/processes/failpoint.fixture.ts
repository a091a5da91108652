import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { existsSync } from "node:fs";
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

/**
 * SIGKILLs its own process at the armed point, once: the file is moved away first, so that the next process
 * goes on. An armed `hang:<point>` never returns from it instead, as a provider that never answers.
 */
export const killingFailpoint =
  (file: string): Failpoint =>
  async (point) => {
    const armed = armedAt(file);
    if (armed !== point && armed !== `hang:${point}`) return;
    renameSync(file, sprungFile(file));
    if (armed === point) process.kill(process.pid, "SIGKILL");
    await new Promise<never>(() => {});
  };

const armedAt = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
};
