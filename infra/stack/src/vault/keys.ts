import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { askVault } from "./requests.ts";

/** What opens a Vault and everything in it. */
export interface VaultKeys {
  readonly rootToken: string;
  readonly unsealKeys: readonly string[];
}

const fileName = "keys.json";

export const keysFile = (folder: string): string => join(folder, fileName);

/** Undefined where no Vault was initialised. */
export const readKeys = async (folder: string): Promise<VaultKeys | undefined> => {
  const text = await readFile(keysFile(folder), "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as VaultKeys);
};

/** One share; kept in a file that only this user may read. */
export const initialise = async (address: string, folder: string): Promise<VaultKeys> => {
  const answer = await askVault(address, {
    method: "PUT",
    path: "sys/init",
    body: { secret_shares: 1, secret_threshold: 1 },
  });
  const keys = {
    rootToken: String(answer["root_token"]),
    unsealKeys: (answer["keys_base64"] as string[]).map(String),
  };
  const file = keysFile(folder);
  await writeFile(`${file}.unfinished`, JSON.stringify(keys), { mode: 0o600 });
  await rename(`${file}.unfinished`, file);
  return keys;
};

export const unsealWith = async (address: string, keys: VaultKeys): Promise<void> => {
  for (const key of keys.unsealKeys) {
    await askVault(address, { method: "PUT", path: "sys/unseal", body: { key } });
  }
};
