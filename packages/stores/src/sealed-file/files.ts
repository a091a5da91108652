import { constants } from "node:fs";
import { access, mkdir, open, readdir, rename, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { errnoOf, fileFault, storeFault } from "./faults.ts";

/** Largest file the store reads: a document with its siblings, or one sealed version. */
const fileBytesMax = 1_048_576;

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

/** The whole file, or undefined when there is none. A symbolic link is refused: rename would replace it. */
export const readFileOrNone = async (path: string): Promise<Uint8Array | undefined> => {
  try {
    await using file = await open(path, O_RDONLY | O_NOFOLLOW);
    const { size } = await file.stat();
    if (size > fileBytesMax) throw storeFault("STORE_REJECTED", "file-too-large");
    return await file.readFile();
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw fileFault(error);
  }
};

export interface Replacement {
  readonly bytes: Uint8Array;
  readonly mode: number;
  /** Asked when the new bytes are durable and the old file still stands; false leaves the old one. */
  readonly mayReplace?: () => Promise<boolean>;
}

/**
 * Replaces a file so that a reader sees the old or the new one, whole, and a crash leaves one of the two.
 * Only under the document's lock: the name beside it (`.new`) is fixed, so a crash leaves no litter behind.
 */
export const replaceFile = async (path: string, replacement: Replacement): Promise<boolean> => {
  const beside = `${path}.new`;
  await removeFile(beside);
  try {
    await writeDurably(beside, replacement);
    if (replacement.mayReplace !== undefined && !(await replacement.mayReplace())) {
      await removeFile(beside);
      return false;
    }
  } catch (error) {
    throw fileFault(error);
  }
  await renameDurably(beside, path);
  return true;
};

const writeDurably = async (path: string, { bytes, mode }: Replacement): Promise<void> => {
  await using file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  // The umask may have taken bits away that the readers of a shared document need.
  await file.chmod(mode);
  await file.writeFile(bytes);
  await file.sync();
};

const renameDurably = async (from: string, to: string): Promise<void> => {
  try {
    await rename(from, to);
  } catch (error) {
    throw fileFault(error);
  }
  try {
    await syncDirectory(dirname(to));
  } catch (error) {
    throw fileFault(error, true);
  }
};

/** Removes a file for good; one that is not there is success. */
export const removeFile = async (path: string): Promise<void> => {
  try {
    await unlink(path);
    await syncDirectory(dirname(path));
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw fileFault(error);
  }
};

/** File names in a directory; none when it does not exist. */
export const listDirectory = async (path: string): Promise<readonly string[]> => {
  try {
    return await readdir(path);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw fileFault(error);
  }
};

/** Makes a directory and what is missing above it; each new entry is durable when this returns. */
export const makeDirectory = async (path: string, mode: number): Promise<void> => {
  try {
    const first = await mkdir(path, { recursive: true, mode });
    if (first === undefined) return;
    const top = dirname(first);
    for (let above = dirname(path); above.length >= top.length; above = dirname(above)) {
      await syncDirectory(above);
      if (above === top) return;
    }
  } catch (error) {
    throw fileFault(error);
  }
};

/** A root that is gone (a volume not mounted) must not look like a store without documents. */
export const requireDirectory = async (path: string): Promise<void> => {
  try {
    const found = await stat(path);
    if (!found.isDirectory()) throw storeFault("STORE_REJECTED", "root-is-no-directory");
  } catch (error) {
    throw fileFault(error);
  }
};

/** Told apart from a lock that is held: a missing permission does not go away by waiting. */
export const requireWritableDirectory = async (path: string): Promise<void> => {
  try {
    await access(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw fileFault(error);
  }
};

const syncDirectory = async (path: string): Promise<void> => {
  await using directory = await open(path, O_RDONLY);
  await directory.sync();
};
