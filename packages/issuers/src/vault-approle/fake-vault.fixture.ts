import { systemClock } from "@rekey/runtime";
import { createFakeTunes, startVaultFake } from "@rekey/vault-client/fake";
import type { VaultFake } from "@rekey/vault-client/fake";
import { createFakeAppRole, type FakeAppRole } from "./client.fake.ts";
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
  const own = createFakeAppRole(core.tokens, clock);
  core.mount("auth/rekey", own);
  core.mount("sys/mounts/auth", createFakeTunes({ approle: appRole, rekey: own }));
  return { vault, appRole, address, rootToken, clock, close: vault.close };
}
