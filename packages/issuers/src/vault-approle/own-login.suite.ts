import { credentialId } from "@rekey/domain";
import { vaultPath } from "@rekey/vault-client";
import { expect, test, vi } from "vitest";
import { callOf, setLockout, type VaultFixture } from "./vault.fixture.ts";

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
    // Once locked the role is so whenever lockout is on, for 15 minutes: no test after this one may switch it on.
    await setLockout(admin, true, "rekey");
    const { data } = await admin.read(vaultPath`auth/rekey/role/rekey/role-id`);
    const wrong = { role_id: data["role_id"], secret_id: "wrong" };
    for (let refused = 0; refused < refusalsToLock; refused += 1)
      await expect(admin.write(vaultPath`auth/rekey/login`, wrong)).rejects.toThrow();
    const issuer = openIssuer();
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
