import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { inspect } from "node:util";
import { ambientEnvironment, type Environment } from "../environment.ts";
import { requirePart } from "../install/locate.ts";
import { startPart, type OnLaunch, type RunningPart } from "../process/part.ts";
import { freePort } from "../process/port.ts";
import { unsealWith, type VaultKeys } from "./keys.ts";
import { openVault, untilHealth, vaultStatus } from "./open.ts";
import { askVault, vaultHealth } from "./requests.ts";
import { vaultSettings, type VaultStorage } from "./settings.ts";

export interface VaultOptions {
  /** Its data, keys, audit file and log; made if absent, kept at the end. */
  readonly folder: string;
  /** Free ones by default. */
  readonly port?: number;
  readonly clusterPort?: number;
  /** In memory by default: then a restart begins with nothing, and with another root token. */
  readonly storage?: VaultStorage;
  /** Given, it goes on when this process ends; otherwise it ends with it. */
  readonly onLaunch?: OnLaunch | undefined;
  readonly environment?: Environment;
}

export type RunningVault = RunningPart & {
  readonly address: string;
  readonly rootToken: string;
  readonly unsealKeys: readonly string[];
  /** Where its audit device writes, one JSON text a line. */
  readonly auditFile: string;
  /** Afterwards it answers 503 to everything. */
  seal(): Promise<void>;
  /** Until it is active. */
  unseal(): Promise<void>;
};

/** Vault, initialised, unsealed and active; also after `restart`. Throws PART_MISSING, PORT_IN_USE or START_FAILED. */
export const startVault = async (options: VaultOptions): Promise<RunningVault> => {
  const node = await nodeOf(options);
  const { folder } = node.options;
  const auditFile = join(folder, "audit.log");
  const keep = options.storage === "raft";
  let keys: VaultKeys | undefined;
  const open = async (): Promise<void> => {
    keys = await openVault({ address: node.address, folder, auditFile, keep });
  };
  const part = await startNode(node, open);
  const known = (): VaultKeys => keys ?? { rootToken: "", unsealKeys: [] };
  const keyed = withKeys(part, known);
  return Object.assign(keyed, {
    address: node.address,
    auditFile,
    seal: async () => {
      const token = known().rootToken;
      await askVault(node.address, { method: "PUT", path: "sys/seal", token });
    },
    unseal: async () => {
      await unsealWith(node.address, known());
      await untilHealth(node.address, vaultStatus.active);
    },
  });
};

export type RunningStandby = RunningPart & { readonly address: string };

/**
 * A second node of a leader on raft: it joins, is unsealed with the leader's keys and stays standby (health 429).
 * Two nodes need each other: once either has stopped, the other one leads no longer.
 */
export const startVaultStandby = async (
  leader: RunningVault,
  options: Omit<VaultOptions, "storage">,
): Promise<RunningStandby> => {
  const node = await nodeOf({ ...options, storage: "raft" });
  const part = await startNode(node, async () => {
    if ((await vaultHealth(node.address)) === vaultStatus.new) {
      const body = { leader_api_addr: leader.address };
      await askVault(node.address, { method: "POST", path: "sys/storage/raft/join", body });
    }
    await unsealWith(node.address, leader);
    await untilHealth(node.address, vaultStatus.standby);
  });
  return Object.assign(part, { address: node.address });
};

interface Node {
  readonly options: VaultOptions;
  readonly port: number;
  readonly clusterPort: number;
  readonly address: string;
}

const nodeOf = async (options: VaultOptions): Promise<Node> => {
  const port = options.port ?? (await freePort());
  const clusterPort = options.clusterPort ?? (await freePort());
  const folder = resolve(options.folder);
  return {
    options: { ...options, folder },
    port,
    clusterPort,
    address: `http://127.0.0.1:${port}`,
  };
};

const startNode = async (node: Node, afterStart: () => Promise<void>): Promise<RunningPart> => {
  const { folder, storage = "memory" } = node.options;
  const environment = node.options.environment ?? ambientEnvironment();
  const found = requirePart("vault", environment);
  const file = join(folder, "vault.json");
  await mkdir(join(folder, "raft"), { recursive: true, mode: 0o700 });
  await writeFile(file, JSON.stringify(vaultSettings({ ...node, folder, storage }), undefined, 2));
  return startPart({
    name: "vault",
    port: node.port,
    otherPorts: [node.clusterPort],
    folder,
    onLaunch: node.options.onLaunch,
    program: {
      command: found.command,
      args: ["server", `-config=${file}`],
      variables: { ...environment.variables, ...found.variables },
    },
    isReady: async () => (await vaultHealth(node.address)) !== undefined,
    afterStart,
  });
};

/** The same object with the keys of now, which no printing, copying or serialising of it takes along. */
const withKeys = (part: RunningPart, known: () => VaultKeys): RunningPart & VaultKeys =>
  Object.defineProperties(part, {
    rootToken: { get: () => known().rootToken },
    unsealKeys: { get: () => known().unsealKeys },
    // Inspecting can ask for what is hidden, and for what getters say.
    [inspect.custom]: { value: () => `vault (${part.pid}) on port ${part.port}` },
  }) as RunningPart & VaultKeys;
