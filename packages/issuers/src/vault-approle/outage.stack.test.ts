import { join } from "node:path";
import { credentialId, rotationId } from "@rekey/domain";
import type { Issuer, Material } from "@rekey/domain";
import { startVaultStandby } from "@rekey/stack";
import { describeStack } from "@rekey/stack/vitest";
import { vaultPath } from "@rekey/vault-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startRealVault, type RealPlace } from "./real-vault.fixture.ts";
import { callOf, openVaultFixture, type VaultFixture } from "./vault.fixture.ts";

const credential = credentialId("outage");

async function minted({ addRole }: VaultFixture, issuer: Issuer) {
  const settings = await addRole();
  const ref = { credential, version: 1 };
  const mark = { ...ref, rotation: rotationId("0199-outage") };
  const { principal, material } = await issuer.mint({ ref, mark, settings }, callOf());
  if (material === undefined) expect.fail("a secret id that was made has a value");
  return { ref, settings, principal, material };
}

const answer = async (issuer: Issuer, material: Material, vantage = "direct") =>
  (await issuer.probe(material, vantage, callOf())).answer;

// Last: it ends with a leader that is gone.
function standbyPromise(open: () => { place: RealPlace; fixture: VaultFixture }): void {
  test("a standby asks its leader: alive and dead are the leader's; without one, unknown", async () => {
    const { place, fixture } = open();
    const folder = join(place.folder, "standby");
    const standby = await startVaultStandby(place.vault, { folder });
    const issuer = fixture.openIssuer({
      addresses: [standby.address, place.address],
      endpoints: [{ name: "standby", address: standby.address }],
    });
    const live = await minted(fixture, issuer);
    const old = await minted(fixture, issuer);
    await issuer.revoke(old, callOf());
    // On a busy machine it may look for its leader for a moment.
    await expect.poll(() => answer(issuer, live.material, "standby")).toBe("alive");
    await expect.poll(() => answer(issuer, old.material, "standby")).toBe("dead");
    await place.vault.kill();
    for (const material of [live.material, old.material])
      expect(await answer(issuer, material, "standby")).toBe("unknown");
    await expect(issuer.list(credential, live.settings, callOf())).rejects.toMatchObject({
      code: "PROVIDER_UNREACHABLE",
    });
    await standby.stop();
  });
}

describeStack(["vault"], "vault-approle while Vault is not itself", () => {
  let place: RealPlace;
  let fixture: VaultFixture;
  beforeAll(async () => {
    place = await startRealVault("raft");
    fixture = await openVaultFixture(place);
  });
  afterAll(() => fixture.close());

  test("a sealed Vault is unknown for what lives and for what is dead, and work goes on after it", async () => {
    const { issuer } = fixture;
    const live = await minted(fixture, issuer);
    await place.vault.seal();
    for (const material of [live.material, issuer.bogus(live.material)])
      expect(await answer(issuer, material)).toBe("unknown");
    await expect(issuer.revoke(live, callOf())).rejects.toMatchObject({
      code: "PROVIDER_UNREACHABLE",
      unknownOutcome: false,
    });
    await place.vault.unseal();
    expect(await answer(issuer, live.material)).toBe("alive");
    await issuer.revoke(live, callOf());
    expect(await answer(issuer, live.material)).toBe("dead");
  });

  test("a rate limit is a slower pace, and a limited login is unknown", async () => {
    const { admin, openIssuer } = fixture;
    const issuer = openIssuer();
    const live = await minted(fixture, issuer);
    const quota = vaultPath`sys/quotas/rate-limit/${"slow"}`;
    await admin.write(quota, { path: "auth/approle", rate: 0.01, interval: "1m" });
    const seen: string[] = [];
    for (let time = 0; time < 3; time += 1)
      seen.push(await answer(issuer, live.material, "active-node"));
    expect(seen).toContain("unknown");
    expect(seen).not.toContain("dead");
    const listing = issuer.list(credential, live.settings, callOf());
    await expect(listing).rejects.toMatchObject({ code: "PROVIDER_THROTTLED" });
    await admin.delete(quota);
  });

  standbyPromise(() => ({ place, fixture }));
});
