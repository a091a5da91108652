import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { waitFor } from "./wait-for.ts";

/** False too for one that ended and that its parent has not collected. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, under another user.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return !hasEnded(statFields(pid));
};

/** With the pid it names one process for ever: pids are given out again. Undefined when it has ended. */
export const startTimeOf = async (pid: number): Promise<string | undefined> => {
  const fields = statFields(pid);
  if (hasEnded(fields)) return undefined;
  // proc(5): field 22, counted from field 3, the state.
  return fields[19] ?? (await askPs(pid));
};

/** False when the limit passed and it still lives. */
export const waitUntilGone = (pid: number, limitMs: number): Promise<boolean> =>
  waitFor(() => !isAlive(pid), limitMs);

// proc(5): field 2, in brackets, may itself hold blanks and brackets.
const statFields = (pid: number): readonly string[] => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
};

const hasEnded = ([state]: readonly string[]): boolean => state === "Z" || state === "X";

const askPs = async (pid: number): Promise<string | undefined> => {
  try {
    const { stdout } = await promisify(execFile)("ps", ["-o", "lstart=", "-p", String(pid)]);
    return stdout.trim() === "" ? undefined : stdout.trim();
  } catch {
    return undefined;
  }
};
