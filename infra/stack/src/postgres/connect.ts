import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { Secret } from "@rekey/secret";

const passwordBytes = 24;

/** A password that is made once and then read again; only this user may read the file. */
export const keptPassword = async (file: string): Promise<Secret> => {
  const kept = await readFile(file).catch(() => undefined);
  if (kept !== undefined) return Secret.fromBytes(kept);
  const made = Secret.fromUtf8(randomBytes(passwordBytes).toString("hex"));
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.unfinished`, made.revealBytes(), { mode: 0o600 });
  await rename(`${file}.unfinished`, file);
  return made;
};
