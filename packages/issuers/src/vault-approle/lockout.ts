import { Fault } from "@rekey/domain";
import type { Call, Clock } from "@rekey/domain";
import { VaultError } from "@rekey/vault-client";
import type { AppRoleServer } from "./client.ts";

/** Who says that refused logins lock no role: the mount's own settings, or the operator, or nobody. */
export const userLockouts = ["off-at-mount", "off-at-server", "on"] as const;
export type UserLockout = (typeof userLockouts)[number];

interface Lockout {
  /** True when probes need not be counted. What cannot be read is taken as on. */
  readonly isOff: (call: Call) => Promise<boolean>;
  /** Faults where the mount should have it off and has not. */
  readonly check: (call: Call) => Promise<void>;
}

const keptMs = 10 * 60_000;

export function createLockout(options: {
  readonly server: Pick<AppRoleServer, "lockoutDisabled">;
  readonly userLockout: UserLockout;
  readonly clock: Pick<Clock, "monotonicMs">;
}): Lockout {
  const { server, userLockout, clock } = options;
  let read: { readonly off: boolean; readonly at: number } | undefined;
  const ask = async (call: Call): Promise<boolean> => {
    const off = await server.lockoutDisabled(call);
    read = { off, at: clock.monotonicMs() };
    return off;
  };
  const kept = (): boolean | undefined =>
    read !== undefined && clock.monotonicMs() - read.at < keptMs ? read.off : undefined;
  return {
    async isOff(call) {
      if (userLockout !== "off-at-mount") return userLockout === "off-at-server";
      return kept() ?? (await ask(call).catch(onUnread));
    },
    async check(call) {
      if (userLockout !== "off-at-mount" || (await ask(call))) return;
      throw new Fault("PROVIDER_REJECTED", { providerCode: "user-lockout" });
    },
  };
}

function onUnread(error: unknown): false {
  if (!(error instanceof VaultError)) throw error;
  return false;
}
