import { describeStack } from "@rekey/stack/vitest";
import { issuerContract } from "../issuer.suite.ts";
import { startRealVault } from "./real-vault.fixture.ts";
import { vaultTruths } from "./truths.suite.ts";
import { openVaultFixture } from "./vault.fixture.ts";

describeStack(["vault"], "Vault 1.21, with the documented policy and nothing else", () => {
  issuerContract("vault-approle", async () => openVaultFixture(await startRealVault()));
  vaultTruths("vault-approle and Vault's own ways", async () =>
    openVaultFixture(await startRealVault()),
  );
});
