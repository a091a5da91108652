import { join } from "node:path";

export type VaultStorage = "memory" | "raft";

/** The server's configuration file. Raft timings for one machine: elections in a second instead of five. Vault makes up its node id itself. */
export const vaultSettings = (node: {
  readonly folder: string;
  readonly port: number;
  readonly clusterPort: number;
  readonly storage: VaultStorage;
}): Readonly<Record<string, unknown>> => {
  const { folder, port, clusterPort, storage } = node;
  const raft = { path: join(folder, "raft"), performance_multiplier: "1" };
  return {
    storage: storage === "raft" ? { raft } : { inmem: {} },
    listener: [
      {
        tcp: {
          address: `127.0.0.1:${port}`,
          cluster_address: `127.0.0.1:${clusterPort}`,
          tls_disable: true,
        },
      },
    ],
    api_addr: `http://127.0.0.1:${port}`,
    cluster_addr: `https://127.0.0.1:${clusterPort}`,
    disable_mlock: true,
    ui: false,
    log_level: "info",
    telemetry: { disable_hostname: true },
  };
};
