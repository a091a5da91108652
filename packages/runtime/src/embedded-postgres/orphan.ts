import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { EmbeddedPostgresFault } from "./fault.ts";
import { isAlive, processesOf, servesCluster, waitUntilGone } from "./process-table.ts";

// Together less than the deadline of an orderly stop of the process.
const fastStopMs = 2_500;
const immediateStopMs = 750;
const backendsGoneMs = 5_000;

/** A process that can be stopped; `isAlive` must never mistake a stranger with the same pid for it. */
export type Stoppable = {
  readonly pid: number;
  isAlive(): boolean;
  endsWithin(limitMs: number): Promise<boolean>;
};

/** A fast stop first; an immediate one only costs recovery at the next start. */
export async function stopServer(server: Stoppable): Promise<void> {
  for (const [signal, limitMs] of [
    ["SIGINT", fastStopMs],
    ["SIGQUIT", immediateStopMs],
    ["SIGKILL", immediateStopMs],
  ] as const) {
    if (!server.isAlive()) return;
    process.kill(server.pid, signal);
    if (await server.endsWithin(limitMs)) return;
  }
  throw stopFailed(server.pid);
}

/**
 * Ends whatever a killed owner left running on the cluster and removes its lock file when its pid
 * now belongs to somebody else. Call only while holding the folder's claim.
 */
export async function removeOrphan(cluster: string): Promise<"none" | "stopped"> {
  const lockFile = join(cluster, "postmaster.pid");
  const pid = await lockedBy(lockFile);
  if (pid === undefined) return "none";
  const orphaned = isAlive(pid) && (await servesCluster(pid, cluster));
  if (orphaned) {
    const endsWithin = (limitMs: number) => waitUntilGone(pid, limitMs);
    await stopServer({ pid, isAlive: () => isAlive(pid), endsWithin });
  }
  await waitForBackends(cluster);
  // PostgreSQL removes the file of a dead pid itself, but after a restart of the machine or the
  // container the pid may be a stranger's, and PostgreSQL would then refuse to start.
  await rm(lockFile, { force: true });
  return orphaned ? "stopped" : "none";
}

async function lockedBy(lockFile: string): Promise<number | undefined> {
  const text = await readFile(lockFile, "utf8").catch(() => "");
  const pid = Number.parseInt(text, 10);
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

// Backends of a killed server notice within moments and leave; a new server on their files before
// that would damage them.
export async function waitForBackends(cluster: string): Promise<void> {
  const deadline = performance.now() + backendsGoneMs;
  for (const pid of await processesOf(cluster)) {
    if (!(await waitUntilGone(pid, deadline - performance.now()))) throw stopFailed(pid);
  }
}

function stopFailed(pid: number): EmbeddedPostgresFault {
  return new EmbeddedPostgresFault(
    "POSTGRES_STOP_FAILED",
    `the database process ${pid} did not end: look at what it does and stop it by its pid`,
  );
}
