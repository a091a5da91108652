import { StackFault } from "../fault.ts";
import { waitFor } from "../process/wait-for.ts";
import { initialise, keysFile, readKeys, unsealWith, type VaultKeys } from "./keys.ts";
import { askVault, vaultHealth } from "./requests.ts";

/** What a health request is answered with. */
export const vaultStatus = { active: 200, standby: 429, new: 501, sealed: 503 } as const;

const healthMaxMs = 30_000;

/** Initialises a new Vault, unseals a sealed one, and waits until it is active. Safe to repeat. */
export const openVault = async (vault: {
  readonly address: string;
  /** Where its keys are, or will be. */
  readonly folder: string;
  /** As the server sees it. */
  readonly auditFile: string;
  /** Its storage outlives it, so keys from before still open it. */
  readonly keep: boolean;
}): Promise<VaultKeys> => {
  const { address, folder, auditFile, keep } = vault;
  if (!keep || (await vaultHealth(address)) === vaultStatus.new) await initialise(address, folder);
  const keys = await readKeys(folder);
  if (keys === undefined) throw withoutKeys(folder);
  if ((await vaultHealth(address)) !== vaultStatus.active) await unsealWith(address, keys);
  await untilHealth(address, vaultStatus.active);
  await ensureAudit(address, keys, auditFile);
  return keys;
};

/** Throws START_FAILED when it does not come within 30 s. */
export const untilHealth = async (address: string, wanted: number): Promise<void> => {
  const reached = await waitFor(async () => (await vaultHealth(address)) === wanted, healthMaxMs);
  if (reached) return;
  const found = (await vaultHealth(address)) ?? "nothing";
  throw new StackFault(
    "START_FAILED",
    `vault at ${address} answers ${found} to a health request instead of ${wanted}`,
  );
};

const ensureAudit = async (address: string, keys: VaultKeys, file: string): Promise<void> => {
  const token = keys.rootToken;
  const devices = await askVault(address, { method: "GET", path: "sys/audit", token });
  if ("file/" in devices) return;
  const options = { file_path: file, mode: "0600" };
  const body = { type: "file", options };
  await askVault(address, { method: "PUT", path: "sys/audit/file", token, body });
};

const withoutKeys = (folder: string): StackFault =>
  new StackFault(
    "STATE_UNREADABLE",
    `this vault was initialised before, and ${keysFile(folder)} is not there to unseal it: bring the file back or give up its data`,
  );
