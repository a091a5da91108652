import { issuerContract } from "../issuer.suite.ts";
import { startFakeVault } from "./fake-vault.fixture.ts";
import { openVaultFixture } from "./vault.fixture.ts";

issuerContract("vault-approle on the fake", async () => openVaultFixture(await startFakeVault()));
