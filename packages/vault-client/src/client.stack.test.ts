import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@rekey/runtime";
import { startVault } from "@rekey/stack";
import { describeStack } from "@rekey/stack/vitest";
import { eventually } from "@rekey/testkit";
import { afterAll, beforeAll } from "vitest";
import type { VaultClient } from "./client.ts";
import { call, clientOf, type ClientPlace, type RoleOptions } from "./client.fixture.ts";
import { clientSuite } from "./client.suite.ts";
import { vaultPath } from "./path.ts";

describeStack(["vault"], "the client on a real Vault", () => {
  let folder: string;
  let vault: Awaited<ReturnType<typeof startVault>>;
  let root: VaultClient;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "rekey-vault-client-"));
    vault = await startVault({ folder });
    const { address, rootToken } = vault;
    root = clientOf({ ...nothing, addresses: [address], rootToken });
    await root.write(vaultPath`sys/auth/approle`, { type: "approle" }, call);
  });
  afterAll(async () => {
    await root.close();
    await vault.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const makeRole = async ({ policy, ttlSeconds }: RoleOptions) => {
    const name = randomUUID();
    await root.write(vaultPath`sys/policies/acl/${name}`, { policy }, call);
    const role = { token_policies: [name], token_ttl: `${ttlSeconds}s` };
    await root.write(vaultPath`auth/approle/role/${name}`, role, call);
    const { data: id } = await root.read(vaultPath`auth/approle/role/${name}/role-id`, call);
    const made = await root.write(vaultPath`auth/approle/role/${name}/secret-id`, {}, call);
    return { roleId: String(id["role_id"]), secretId: String(made.data["secret_id"]) };
  };

  const openPlace = async (): Promise<ClientPlace> => {
    const mount = `kv-${randomUUID()}`;
    const engine = { type: "kv", options: { version: "2" } };
    await root.write(vaultPath`sys/mounts/${mount}`, engine, call);
    await eventually(async () => void (await root.read(vaultPath`${mount}/config`, call)));
    return {
      ...nothing,
      addresses: [vault.address],
      rootToken: vault.rootToken,
      mount,
      makeRole,
      throttle: async () => {
        const limit = { rate: 1, path: mount, interval: "60s" };
        await root.write(vaultPath`sys/quotas/rate-limit/${mount}`, limit, call);
      },
      seal: () => vault.seal(),
      unseal: () => vault.unseal(),
    };
  };

  clientSuite("the real Vault", openPlace);
});

const nothing = {
  clock: systemClock,
  mount: "",
  throttle: async () => {},
  seal: async () => {},
  unseal: async () => {},
  close: async () => {},
};
