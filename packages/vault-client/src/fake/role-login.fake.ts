import type { Clock } from "@rekey/domain";
import { fakeError, type FakeEngine } from "./engine.fake.ts";
import type { FakeTokens } from "./tokens.fake.ts";
import { createFakeLock, type FakeTune } from "./tunes.fake.ts";

/** The role that Rekey logs in with. A test changes it while it runs: take secret ids away, shorten tokens. */
export interface FakeRole {
  readonly roleId: string;
  readonly secretIds: Set<string>;
  readonly policies: readonly string[];
  ttlMs: number;
  maxMs?: number;
  /** Logins that were asked for, refused ones too. */
  logins: number;
}

interface FakeRoleLogin {
  readonly tokens: FakeTokens;
  readonly role: FakeRole;
  readonly clock: Pick<Clock, "monotonicMs">;
  /** Of its mount; lockout is on when it is left out, as in Vault. */
  readonly tune?: FakeTune;
}

/** The login alone of one AppRole; an issuer's fake has the whole engine and is mounted instead. */
export const createFakeRoleLogin = ({
  tokens,
  role,
  clock,
  tune = { lockoutDisabled: false },
}: FakeRoleLogin): FakeEngine => {
  const lock = createFakeLock(clock, tune);
  return {
    isOpen: (path) => path === "login",
    answer: ({ path, method, body }) => {
      if (path !== "login" || method !== "POST") return fakeError(404, "unsupported path");
      role.logins += 1;
      // A role that is not there counts towards no lock.
      if (body["role_id"] !== role.roleId) return fakeError(400, "invalid role or secret ID");
      if (lock.isLocked()) return fakeError(403, "permission denied");
      if (!role.secretIds.has(String(body["secret_id"]))) {
        lock.refused();
        return fakeError(400, "invalid role or secret ID");
      }
      lock.letIn();
      const { policies, ttlMs, maxMs = 0 } = role;
      return tokens.authOf(tokens.create({ policies: ["default", ...policies], ttlMs, maxMs }));
    },
  };
};
