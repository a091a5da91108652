import { randomUUID } from "node:crypto";
import { systemClock } from "@rekey/runtime";
import type { ClientPlace } from "./client.fixture.ts";
import {
  createFakeKv,
  createFakeRoleLogin,
  createFakeTunes,
  fakeError,
  startVaultFake,
  type FakeRole,
  type VaultFake,
} from "./fake/index.ts";

export interface FakePlace extends ClientPlace {
  readonly fake: VaultFake;
  /** The role that was made last. */
  readonly role: () => FakeRole;
}

const secondMs = 1_000;

/** A fake of one node with a KV engine at `secret`. */
export const openFakePlace = async (): Promise<FakePlace> => {
  const fake = await startVaultFake({ clock: systemClock });
  fake.core.mount("secret", createFakeKv());
  const tune = { lockoutDisabled: false };
  fake.core.mount("sys/mounts/auth", createFakeTunes({ approle: { tune } }));
  let role: FakeRole | undefined;
  return {
    fake,
    role: () => {
      if (role === undefined) throw new Error("no role was made");
      return role;
    },
    addresses: [fake.address],
    rootToken: fake.rootToken,
    clock: systemClock,
    mount: "secret",
    makeRole: async ({ policy, ttlSeconds }) => {
      const [roleId, secretId] = [randomUUID(), randomUUID()];
      fake.core.writePolicy(roleId, policy);
      const secretIds = new Set([secretId]);
      role = { roleId, secretIds, policies: [roleId], ttlMs: ttlSeconds * secondMs, logins: 0 };
      const { tokens } = fake.core;
      const login = createFakeRoleLogin({ tokens, role, tune, clock: systemClock });
      fake.core.mount("auth/approle", login);
      return { roleId, secretId };
    },
    throttle: async () => {
      const refuse = fakeError(
        429,
        'request path "secret/data/team/app": rate limit quota exceeded',
      );
      fake.trouble({ on: "GET secret/", skip: 1, how: { refuse }, times: 99 });
    },
    seal: async () => {
      fake.state = "sealed";
    },
    unseal: async () => {
      fake.state = "active";
    },
    close: fake.close,
  };
};
