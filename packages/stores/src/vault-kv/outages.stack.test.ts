import { describeStack } from "@rekey/stack/vitest";
import { eventually } from "@rekey/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { benchOf, faultOf, payments, secretOf, versionOf } from "../suite/bench.fixture.ts";
import { callOf } from "../real-clock.fake.ts";
import { startRealVault, type RealVault } from "./real-vault.fixture.ts";
import { call, type VaultKvFixture } from "./store.fixture.ts";

const soon = callOf("outage", 3_000);

describeStack(["vault"], "vault-kv on a real Vault that fails", () => {
  let real: RealVault;
  let place: VaultKvFixture;
  beforeAll(async () => {
    real = await startRealVault("raft");
  });
  beforeEach(async () => {
    place = await real.openFixture();
  });
  afterEach(() => place.close());
  afterAll(() => real.close());

  it("killed between stage and promote it is unreachable, and everything goes on when it is back", async () => {
    const bench = benchOf(place);
    await bench.put(versionOf(1), undefined);
    await bench.stage(versionOf(2));
    await real.vault.kill();
    const fault = await faultOf(place.store.promote(payments, bench.promotion(2, 1), soon));
    expect(fault).toMatchObject({ code: "STORE_UNREACHABLE", action: "retry" });
    await real.vault.restart();
    await eventually(() => bench.promote(versionOf(2), 1), { withinMs: 30_000 });
    expect(await bench.passwordNow()).toBe(secretOf(versionOf(2)));
    await place.store.destroy(payments, versionOf(1), call);
    expect(await place.store.labels(payments, versionOf(2), call)).toEqual({
      current: 2,
      versions: [{ version: 2, rotationNumber: 2 }],
    });
  });

  it("sealed it is told apart, and the same login goes on when it is unsealed", async () => {
    const bench = benchOf(place);
    await bench.put(versionOf(1), undefined);
    await real.vault.seal();
    const fault = await faultOf(place.store.labels(payments, versionOf(1), soon));
    expect(fault).toMatchObject({ code: "STORE_UNREACHABLE", providerCode: "SEALED" });
    await real.vault.unseal();
    expect(await bench.put(versionOf(2), 1)).toBe("promoted");
  });

  it("stopped in the middle of a call it costs that call its deadline and nothing else", async () => {
    const bench = benchOf(place);
    await bench.put(versionOf(1), undefined);
    await bench.stage(versionOf(2));
    place.beforeNextReplace(async () => real.vault.pause());
    const fault = await faultOf(place.store.promote(payments, bench.promotion(2, 1), soon));
    expect(fault).toMatchObject({ providerCode: "TIMEOUT", unknownOutcome: true });
    real.vault.resume();
    const outcome = await eventually(() => bench.promote(versionOf(2), 1), { withinMs: 30_000 });
    expect(["promoted", "already"]).toContain(outcome);
    expect(await bench.passwordNow()).toBe(secretOf(versionOf(2)));
  });
});
