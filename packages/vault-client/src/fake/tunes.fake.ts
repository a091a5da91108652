import type { Clock } from "@rekey/domain";
import { fakeError, noContent, wrappedReply, type FakeEngine } from "./engine.fake.ts";

/** The settings of one auth mount, as far as a fake has them. */
export interface FakeTune {
  lockoutDisabled: boolean;
}

/** The settings of mounts by their names: `core.mount("sys/mounts/auth", …)`. */
export const createFakeTunes = (
  mounts: Readonly<Record<string, { readonly tune: FakeTune }>>,
): FakeEngine => ({
  answer: ({ method, path, body }) => {
    const mount = mounts[path.replace(/\/tune$/, "")];
    if (mount === undefined) return fakeError(400, "no mount entry found");
    if (method === "GET") return wrappedReply({ user_lockout_disable: mount.tune.lockoutDisabled });
    const config = body["user_lockout_config"] as { lockout_disable?: boolean } | undefined;
    mount.tune.lockoutDisabled = config?.lockout_disable ?? mount.tune.lockoutDisabled;
    return noContent;
  },
});

const lockoutThreshold = 5;
const lockoutMs = 15 * 60_000;

/**
 * Refused logins of one role in a row: at the fifth it is locked for 15 minutes. While its mount has that off nothing is
 * counted, and nothing is forgotten either, as in Vault 1.21.
 */
export interface FakeLock {
  isLocked(): boolean;
  refused(): void;
  letIn(): void;
}

export const createFakeLock = (clock: Pick<Clock, "monotonicMs">, tune: FakeTune): FakeLock => {
  let refusals = 0;
  let lastRefusedAt = 0;
  return {
    isLocked: () =>
      !tune.lockoutDisabled &&
      refusals >= lockoutThreshold &&
      clock.monotonicMs() - lastRefusedAt < lockoutMs,
    refused: () => {
      if (tune.lockoutDisabled) return;
      refusals += 1;
      lastRefusedAt = clock.monotonicMs();
    },
    letIn: () => {
      if (!tune.lockoutDisabled) refusals = 0;
    },
  };
};
