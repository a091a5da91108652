import { fakeError, type FakeEngine } from "./engine.fake.ts";
import type { FakeTokens } from "./tokens.fake.ts";

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

/** The login alone of one AppRole; an issuer's fake has the whole engine and is mounted instead. */
export const createFakeRoleLogin = (tokens: FakeTokens, role: FakeRole): FakeEngine => ({
  isOpen: (path) => path === "login",
  answer: ({ path, method, body }) => {
    if (path !== "login" || method !== "POST") return fakeError(404, "unsupported path");
    role.logins += 1;
    const isRight =
      body["role_id"] === role.roleId && role.secretIds.has(String(body["secret_id"]));
    if (!isRight) return fakeError(400, "invalid role or secret ID");
    const { policies, ttlMs, maxMs = 0 } = role;
    return tokens.authOf(tokens.create({ policies: ["default", ...policies], ttlMs, maxMs }));
  },
});
