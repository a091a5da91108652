import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import { startVault } from "@rekey/stack";
import type { RunningVault, VaultOptions } from "@rekey/stack";
import { openVaultClient, vaultPath } from "@rekey/vault-client";
import { callOf, type VaultPlace } from "./vault.fixture.ts";

export interface RealPlace extends VaultPlace {
  readonly vault: RunningVault;
  readonly folder: string;
}

/** A Vault of its own with AppRole where `openVaultFixture` wants it. */
export async function startRealVault(
  storage: NonNullable<VaultOptions["storage"]> = "memory",
): Promise<RealPlace> {
  const folder = await mkdtemp(join(tmpdir(), "rekey-vault-approle-"));
  const vault = await startVault({ folder: join(folder, "vault"), storage });
  const { address, rootToken } = vault;
  await mountAppRoles(address, rootToken);
  const close = async (): Promise<void> => {
    await vault.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { vault, folder, address, rootToken, close };
}

async function mountAppRoles(address: string, rootToken: string): Promise<void> {
  const root = openVaultClient({
    connection: { addresses: [address], auth: { token: "root" } },
    clock: systemClock,
    resolveSecret: async () => Secret.fromUtf8(rootToken),
  });
  for (const mount of ["approle", "rekey"])
    await root.write(vaultPath`sys/auth/${mount}`, { type: "approle" }, callOf());
  await root.close();
}
