import { startFakeVault } from "./fake-vault.fixture.ts";
import { vaultTruths } from "./truths.suite.ts";
import { openVaultFixture } from "./vault.fixture.ts";

vaultTruths("vault-approle and the fake Vault", async () =>
  openVaultFixture(await startFakeVault()),
);
