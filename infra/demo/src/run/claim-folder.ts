import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { stopOrphan } from "@rekey/runtime";
import { isAlive } from "./children.ts";
import type { Layout } from "./layout.ts";

/** Says that the folder is this process' own. */
export interface FolderClaim {
  release(): Promise<void>;
}

/**
 * Takes the folder of a run for this process alone and empties it. Throws, and touches nothing, while another
 * demonstration runs in it. Servers that a killed one left behind are stopped before their folders go.
 */
export const claimFolder = async (layout: Layout): Promise<FolderClaim> => {
  const lock = `${layout.root}.pid`;
  await mkdir(dirname(layout.root), { recursive: true, mode: 0o755 });
  await takeLock(lock, layout.root);
  for (const folder of [layout.target, join(layout.dataDir, "postgres")])
    if (existsSync(folder)) await stopOrphan(folder);
  await rm(layout.root, { recursive: true, force: true });
  for (const folder of [layout.root, layout.documents, layout.logs, layout.target])
    await mkdir(folder, { recursive: true, mode: 0o755 });
  return { release: () => rm(lock, { force: true }) };
};

const takeLock = async (lock: string, root: string): Promise<void> => {
  if (await isWritten(lock)) return;
  const owner = Number.parseInt(await readFile(lock, "utf8").catch(() => ""), 10);
  if (Number.isInteger(owner) && isAlive(owner))
    throw new Error(
      `process ${owner} plays a demonstration in ${root}: wait for it, or use --folder`,
    );
  await rm(lock, { force: true });
  if (!(await isWritten(lock))) throw new Error(`another demonstration took ${root}`);
};

const isWritten = async (lock: string): Promise<boolean> =>
  await writeFile(lock, String(process.pid), { flag: "wx" }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return false;
      throw error;
    },
  );
