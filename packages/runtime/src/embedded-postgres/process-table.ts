import { execFile } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const pollMs = 10;

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, under another user.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** False when the limit passed and the process still lives. */
export async function waitUntilGone(pid: number, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (isAlive(pid)) {
    if (performance.now() > deadline) return false;
    await sleep(pollMs);
  }
  return true;
}

/** Together with the pid it names one process for ever: pids are given out again. */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // proc(5): field 22 is the start time; field 2, in brackets, may itself hold spaces and brackets.
  if (stat !== undefined) return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  return await askPs(pid, "lstart=");
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
