import { describeStack } from "@rekey/stack/vitest";
import { afterAll, beforeAll } from "vitest";
import { startRealVault, type RealVault } from "./real-vault.fixture.ts";
import { readerSuite } from "./reader.suite.ts";

describeStack(["vault"], "a workload reads its value in a real Vault", () => {
  let real: RealVault;
  beforeAll(async () => {
    real = await startRealVault();
  });
  afterAll(() => real.close());

  readerSuite("a document in Vault", () => real.openFixture());
});
