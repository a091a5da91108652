import { systemClock } from "@rekey/runtime";
import { startVaultFake } from "@rekey/vault-client/fake";
import type { VaultFake } from "@rekey/vault-client/fake";
import { createFakeAppRole, createFakeTunes, type FakeAppRole } from "./client.fake.ts";
import type { VaultPlace } from "./vault.fixture.ts";

export interface FakePlace extends VaultPlace {
  readonly vault: VaultFake;
  readonly appRole: FakeAppRole;
}

/** The fake Vault with AppRole where `openVaultFixture` wants it. */
export async function startFakeVault(clock = systemClock): Promise<FakePlace> {
  const vault = await startVaultFake({ clock });
  const { core, address, rootToken } = vault;
  const appRole = createFakeAppRole(core.tokens, clock);
  core.mount("auth/approle", appRole);
  core.mount("auth/rekey", createFakeAppRole(core.tokens, clock));
  core.mount("sys/mounts/auth", createFakeTunes({ approle: appRole }));
  return { vault, appRole, address, rootToken, clock, close: vault.close };
}
