import { describeStack } from "@rekey/stack/vitest";
import { afterAll, beforeAll } from "vitest";
import { storeSuite } from "../store.suite.ts";
import { startRealVault, type RealVault } from "./real-vault.fixture.ts";
import { vaultKvSuite } from "./vault-kv.suite.ts";

describeStack(["vault"], "vault-kv on a real Vault, with the documented policy", () => {
  let real: RealVault;
  beforeAll(async () => {
    real = await startRealVault();
  });
  afterAll(() => real.close());

  storeSuite("vault-kv", () => real.openFixture());
  vaultKvSuite("vault-kv", () => real.openFixture());
});
