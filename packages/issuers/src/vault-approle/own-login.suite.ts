import { randomUUID } from "node:crypto";
import { credentialId } from "@rekey/domain";
import { vaultPath } from "@rekey/vault-client";
import { expect, test, vi } from "vitest";
import { addRekey, callOf, setLockout, type VaultFixture } from "./vault.fixture.ts";

const refusalsToLock = 5;
/** Well above the pause after one refused login of Rekey's own. */
const pausedMs = 20_000;

/** What a refused login of Rekey's own means for work at Vault. */
export function ownLoginTruths(fixture: () => VaultFixture): void {
  test("doctor is told of a mount of Rekey's own login that locks roles, with the documented policy", async () => {
    const { openIssuer, admin } = fixture();
    await setLockout(admin, true, "rekey");
    const told = await openIssuer().loginRisk?.(callOf());
    expect(told?.command).toContain("vault write sys/mounts/auth/rekey/tune");
    const offAtServer = openIssuer({ userLockout: "off-at-server" });
    expect(await offAtServer.loginRisk?.(callOf())).toBeUndefined();
    await setLockout(admin, false, "rekey");
    expect(await openIssuer().loginRisk?.(callOf())).toBeUndefined();
  });

  test("a login of Rekey's own that Vault has locked is tried again, and works as soon as it is not", async () => {
    const { openIssuer, admin, addRole } = fixture();
    const settings = await addRole();
    // Once locked a role is so whenever lockout is on, for 15 minutes: this one is no other test's.
    const { approle, secretId } = await addRekey(admin, `locked-${randomUUID()}`);
    await setLockout(admin, true, "rekey");
    const wrong = { role_id: approle.roleId, secret_id: "wrong" };
    for (let refused = 0; refused < refusalsToLock; refused += 1)
      await expect(admin.write(vaultPath`auth/rekey/login`, wrong)).rejects.toThrow();
    const issuer = openIssuer({ auth: { approle } }, secretId);
    const list = async () => await issuer.list(credentialId("truths"), settings, callOf());
    await expect(list()).rejects.toMatchObject({
      code: "PROVIDER_UNREACHABLE",
      action: "retry",
      providerCode: "LOGIN_LOCKED",
    });
    await setLockout(admin, false, "rekey");
    await vi.waitFor(list, { timeout: pausedMs });
  });
}
