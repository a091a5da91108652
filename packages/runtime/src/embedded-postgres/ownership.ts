import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EmbeddedPostgresFault } from "./fault.ts";
import { startTimeOf } from "./process-table.ts";

const attemptsMax = 3;

/**
 * Claims a data folder for this process. A server found in a folder whose owner is dead is an
 * orphan; one whose owner lives belongs to another `rekey up` and must not be touched.
 */
export async function claimFolder(dataDir: string): Promise<{ release(): Promise<void> }> {
  const file = join(dataDir, "owner");
  const self = `${process.pid} ${await startTimeOf(process.pid)}`;
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    if (await wrote(file, self)) return { release: () => rm(file, { force: true }) };
    const owner = await readFile(file, "utf8").catch(() => "");
    if (await lives(owner)) throw inUse(dataDir, owner);
    await rm(file, { force: true });
  }
  throw inUse(dataDir, await readFile(file, "utf8").catch(() => ""));
}

async function wrote(file: string, self: string): Promise<boolean> {
  try {
    await writeFile(file, self, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
  // Two processes that both found a dead owner may both have removed the file: last writer wins.
  return (await readFile(file, "utf8").catch(() => "")) === self;
}

async function lives(owner: string): Promise<boolean> {
  const [pid = "", ...startTime] = owner.split(" ");
  if (!/^\d+$/.test(pid)) return false;
  return (await startTimeOf(Number(pid))) === startTime.join(" ");
}

function inUse(dataDir: string, owner: string): EmbeddedPostgresFault {
  const pid = owner.split(" ")[0];
  return new EmbeddedPostgresFault(
    "POSTGRES_FOLDER_IN_USE",
    `the database folder ${dataDir} is in use by the live process ${pid}: stop it or choose another folder`,
  );
}
