import { randomBytes } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Fingerprinter } from "@rekey/domain";
import { Secret, type Pepper } from "@rekey/secret";

const keyBytes = 32;

/** Reads a key file of this installation, or makes it once: exclusive, fsynced, mode 0600. */
export const keyFile = async (folder: string, name: string): Promise<Secret> => {
  const path = join(folder, name);
  const made = await open(path, "wx", 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EEXIST") return undefined;
    throw error;
  });
  if (made === undefined) return Secret.fromUtf8((await readFile(path, "utf8")).trim());
  try {
    await made.writeFile(randomBytes(keyBytes).toString("base64url"));
    await made.sync();
  } finally {
    await made.close();
  }
  return Secret.fromUtf8((await readFile(path, "utf8")).trim());
};

/** What every part of this process fingerprints with. */
export const fingerprinter =
  (pepper: Pepper): Fingerprinter =>
  (value) => {
    if (!(value instanceof Secret)) throw new TypeError("only a Secret is fingerprinted");
    return [value.fingerprint(pepper)];
  };
