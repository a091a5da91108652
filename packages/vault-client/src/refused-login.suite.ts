import { expect, it } from "vitest";
import { call, clientOf, errorOfCall, noRights, roleAuth } from "./client.fixture.ts";
import type { Bench } from "./client.suite.ts";
import { vaultPath } from "./path.ts";

const self = vaultPath`auth/token/lookup-self`;
const refusalsToLock = 5;

/** A role whose right secret id is known, and tries of wrong ones past every client. */
const refusedRole = async ({ place, root }: Bench) => {
  const { roleId, secretId } = await place.makeRole({ policy: noRights, ttlSeconds: 60 });
  const wrong = { role_id: roleId, secret_id: "wrong" };
  return {
    roleId,
    open: (secret = secretId, mount = "approle") =>
      clientOf(place, {
        auth: { approle: { mount, roleId, secretId: "the reference" } },
        secret: () => secret,
      }),
    refuse: async (times: number) => {
      for (let refused = 0; refused < times; refused += 1) {
        const login = root.as(undefined).write(vaultPath`auth/approle/login`, wrong, call);
        expect(await errorOfCall(login)).toMatchObject({ kind: "invalid" });
      }
    },
  };
};

const setLockout = async ({ root }: Bench, off: boolean) =>
  await root.write(
    vaultPath`sys/mounts/auth/approle/tune`,
    { user_lockout_config: { lockout_disable: off } },
    call,
  );

/** What a refused login of Rekey's own means: never a refusal of what it was for. */
export const refusedLoginSuite = (bench: () => Bench): void => {
  it("a login that is refused is a dead token, not a malformed request", async () => {
    const { open } = await refusedRole(bench());
    const client = open("wrong");
    expect(await errorOfCall(client.read(self, call))).toMatchObject({
      kind: "dead-token",
      providerCode: "LOGIN_REFUSED",
      phrase: "invalid-role-or-secret-id",
    });
    await client.close();
  });

  it("five refused logins lock a role for its right secret id too, which is a dead token and no missing right", async () => {
    const { open, refuse } = await refusedRole(bench());
    await setLockout(bench(), false);
    await refuse(refusalsToLock);
    const client = open();
    expect(await errorOfCall(client.read(self, call))).toMatchObject({
      kind: "dead-token",
      providerCode: "LOGIN_LOCKED",
    });
    await client.close();
  });

  it("where its mount has lockout off, a right secret id logs in after any number of wrong ones", async () => {
    const { open, refuse } = await refusedRole(bench());
    await setLockout(bench(), true);
    await refuse(refusalsToLock * 2);
    const client = open();
    expect(await client.read(self, call)).toMatchObject({ found: true });
    await client.close();
    await setLockout(bench(), false);
  });
  riskSuite(bench);
};

const riskSuite = (bench: () => Bench): void => {
  it("a mount that locks roles is told with the command against it, one that does not is no risk", async () => {
    const { place, root } = bench();
    const policy = 'path "sys/mounts/auth/approle/tune" { capabilities = ["read"] }';
    const { roleId, secretId } = await place.makeRole({ policy, ttlSeconds: 60 });
    const client = clientOf(place, { auth: roleAuth(roleId), secret: () => secretId });
    await setLockout(bench(), false);
    expect((await client.loginRisk(call))?.command).toContain(
      "vault write sys/mounts/auth/approle/tune",
    );
    await setLockout(bench(), true);
    expect(await client.loginRisk(call)).toBeUndefined();
    await setLockout(bench(), false);
    expect(await root.loginRisk(call)).toBeUndefined();
    await client.close();
    const { open } = await refusedRole(bench());
    const blind = open();
    expect(await errorOfCall(blind.loginRisk(call))).toMatchObject({ kind: "denied" });
    await blind.close();
  });

  it("a login where no AppRole is mounted is a dead token", async () => {
    const { open } = await refusedRole(bench());
    const client = open(undefined, "nowhere");
    expect(await errorOfCall(client.read(self, call))).toMatchObject({
      kind: "dead-token",
      providerCode: "LOGIN_LOCKED",
    });
    await client.close();
  });
};
