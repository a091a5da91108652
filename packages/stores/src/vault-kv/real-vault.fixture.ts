import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "@rekey/secret";
import { startVault } from "@rekey/stack";
import { eventually } from "@rekey/testkit";
import { openVaultClient, vaultPath, type VaultClient } from "@rekey/vault-client";
import { realClock } from "../real-clock.fake.ts";
import {
  call,
  documentedPolicy,
  openVaultKvFixture,
  type VaultKvFixture,
} from "./store.fixture.ts";

export interface RealVault {
  readonly vault: Awaited<ReturnType<typeof startVault>>;
  /** A KV engine of its own, and an AppRole with the documented policy and nothing else. */
  openFixture(): Promise<VaultKvFixture>;
  close(): Promise<void>;
}

/** One server for a whole file; `raft` keeps its data when it is killed. */
export const startRealVault = async (storage: "memory" | "raft" = "memory"): Promise<RealVault> => {
  const folder = await mkdtemp(join(tmpdir(), "rekey-vault-kv-"));
  const vault = await startVault({ folder, storage });
  const root = openVaultClient({
    connection: { addresses: [vault.address], auth: { token: "root" } },
    clock: realClock,
    resolveSecret: async () => Secret.fromUtf8(vault.rootToken),
  });
  await root.write(vaultPath`sys/auth/approle`, { type: "approle" }, call);
  return {
    vault,
    openFixture: async () => {
      const mount = `kv-${randomUUID()}`;
      await mountKv(root, mount);
      const { roleId, secretId } = await makeRole(root, mount);
      return openVaultKvFixture(
        {
          addresses: [vault.address],
          mount,
          rootToken: vault.rootToken,
          auth: { approle: { mount: "approle", roleId, secretId: "secret-id" } },
          secrets: { "secret-id": secretId },
        },
        async () => {},
      );
    },
    close: async () => {
      await root.close();
      await vault.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const mountKv = async (root: VaultClient, mount: string): Promise<void> => {
  await root.write(vaultPath`sys/mounts/${mount}`, { type: "kv", options: { version: "2" } }, call);
  // A new engine refuses requests until it has made itself one of version 2.
  await eventually(async () => {
    await root.read(vaultPath`${mount}/config`, call);
  });
};

const makeRole = async (
  root: VaultClient,
  mount: string,
): Promise<{ readonly roleId: string; readonly secretId: string }> => {
  const policy = await documentedPolicy(mount);
  await root.write(vaultPath`sys/policies/acl/${mount}`, { policy }, call);
  const role = vaultPath`auth/approle/role/${mount}`;
  await root.write(role, { token_policies: [mount], token_ttl: "10m" }, call);
  const { data: id } = await root.read(vaultPath`auth/approle/role/${mount}/role-id`, call);
  const { data: secret } = await root.write(
    vaultPath`auth/approle/role/${mount}/secret-id`,
    {},
    call,
  );
  return { roleId: String(id["role_id"]), secretId: String(secret["secret_id"]) };
};
