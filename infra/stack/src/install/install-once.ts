import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isAlive, startTimeOf } from "../process/identity.ts";
import { waitFor } from "../process/wait-for.ts";
import { StackFault } from "../fault.ts";

/** Tells what is done now. */
export type Note = (text: string) => void;

const unfinishedMark = ".unfinished-";
const otherInstallMaxMs = 30 * 60_000;

/**
 * Builds into a folder of its own and renames it, so `target` is there entirely or not at all, however the build
 * ends. A second install of the same waits for the first.
 */
export const installOnce = async (
  target: string,
  build: (folder: string) => Promise<void>,
  note: Note = () => {},
): Promise<void> => {
  if (existsSync(target)) return;
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const lock = `${target}.lock`;
  await takeTurn(lock, note);
  try {
    await removeAbandoned(target);
    if (!existsSync(target)) await buildAndRename(target, build);
  } finally {
    await rm(lock, { force: true });
  }
};

/** What installs left that were killed. */
const removeAbandoned = async (target: string): Promise<void> => {
  const folder = dirname(target);
  const mark = `${basename(target)}${unfinishedMark}`;
  const left = (await readdir(folder)).filter((name) => name.startsWith(mark));
  for (const name of left) {
    if (isAlive(Number(name.slice(mark.length)))) continue;
    await rm(join(folder, name), { recursive: true, force: true });
  }
};

const buildAndRename = async (
  target: string,
  build: (folder: string) => Promise<void>,
): Promise<void> => {
  const unfinished = `${target}${unfinishedMark}${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o755 });
  try {
    await build(unfinished);
    await rename(unfinished, target);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
};

/** A lock whose holder is dead counts for nothing. Should two take over at once, both build and one rename wins. */
const takeTurn = async (lock: string, note: Note): Promise<void> => {
  const self = `${process.pid} ${await startTimeOf(process.pid)}`;
  const taken = await waitFor(async () => {
    if (await wrote(lock, self)) return true;
    const holder = await readFile(lock, "utf8").catch(() => "");
    if (await holderLives(holder))
      note(`waiting for the install of process ${holder.split(" ")[0]}`);
    else await rm(lock, { force: true });
    return false;
  }, otherInstallMaxMs);
  if (taken) return;
  throw new StackFault(
    "INSTALL_FAILED",
    `another install holds ${lock} for too long: end it first`,
  );
};

const wrote = async (file: string, text: string): Promise<boolean> => {
  try {
    await writeFile(file, text, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
};

/** `pid start-time`, as `takeTurn` writes it. */
const holderLives = async (holder: string): Promise<boolean> => {
  const [pid = "", ...startTime] = holder.split(" ");
  if (!/^\d+$/.test(pid)) return false;
  return (await startTimeOf(Number(pid))) === startTime.join(" ");
};
