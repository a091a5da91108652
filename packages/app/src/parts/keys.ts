import { randomBytes } from "node:crypto";
import { link, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Fingerprinter } from "@rekey/domain";
import { Secret, type Pepper } from "@rekey/secret";

const keyBytes = 32;

/**
 * Reads a key file of this installation, or makes it once, mode 0600. It appears whole or not at all: a process
 * killed while it wrote one must not leave an empty key to the next.
 */
export const keyFile = async (folder: string, name: string): Promise<Secret> => {
  const path = join(folder, name);
  return (await readKey(path)) ?? (await makeKey(path));
};

const readKey = async (path: string): Promise<Secret | undefined> => {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? undefined : Secret.fromUtf8(text.trim());
};

const makeKey = async (path: string): Promise<Secret> => {
  const unfinished = `${path}.${process.pid}.unfinished`;
  const file = await open(unfinished, "w", 0o600);
  try {
    await file.writeFile(randomBytes(keyBytes).toString("base64url"));
    await file.sync();
  } finally {
    await file.close();
  }
  // A link fails where another process was faster; a rename would replace its key.
  await link(unfinished, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  await rm(unfinished, { force: true });
  return Secret.fromUtf8((await readFile(path, "utf8")).trim());
};

/** What every part of this process fingerprints with. */
export const fingerprinter =
  (pepper: Pepper): Fingerprinter =>
  (value) => {
    if (!(value instanceof Secret)) throw new TypeError("only a Secret is fingerprinted");
    return [value.fingerprint(pepper)];
  };
