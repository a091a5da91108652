import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { readdir, readFile, readlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const pollMs = 10;

/**
 * A process that has ended and was not collected by its parent is not alive: in a container nobody may ever
 * collect what a killed process left.
 */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, under another user.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return !isUncollected(fieldsOf(statOf(pid)));
}

function statOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
}

// proc(5): field 2, in brackets, may itself hold spaces and brackets; field 3, the state, comes after it.
const fieldsOf = (stat: string | undefined): readonly string[] =>
  stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];

const isUncollected = ([state]: readonly string[]): boolean => state === "Z" || state === "X";

/** False when the limit passed and the process still lives. */
export async function waitUntilGone(pid: number, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (isAlive(pid)) {
    if (performance.now() > deadline) return false;
    await sleep(pollMs);
  }
  return true;
}

/** Together with the pid it names one process for ever: pids are given out again. Undefined when it has ended. */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  const fields = fieldsOf(statOf(pid));
  if (isUncollected(fields)) return undefined;
  // Field 22, the start time; the state is field 3.
  return fields[19] ?? (await askPs(pid, "lstart="));
}

/** Every process of a PostgreSQL server, the backends too, has the cluster's folder as working folder. */
export async function servesCluster(pid: number, cluster: string): Promise<boolean> {
  const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => undefined);
  if (name !== undefined) {
    if (name.trim() !== "postgres") return false;
    return (await readlink(`/proc/${pid}/cwd`).catch(() => undefined)) === cluster;
  }
  const command = await askPs(pid, "command=");
  return command !== undefined && /\bpostgres\b/.test(command) && command.includes(`-D ${cluster}`);
}

/** All live server processes of a cluster; empty where the system has no /proc. */
export async function processesOf(cluster: string): Promise<number[]> {
  const entries = await readdir("/proc").catch(() => []);
  const pids = entries.filter((entry) => /^\d+$/.test(entry)).map(Number);
  const serving = await Promise.all(pids.map((pid) => servesCluster(pid, cluster)));
  return pids.filter((_, index) => serving[index]);
}

async function askPs(pid: number, column: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)("ps", ["-o", column, "-p", String(pid)]);
    return stdout.trim() === "" ? undefined : stdout.trim();
  } catch {
    return undefined;
  }
}
