import type { Call, Clock } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { openVaultClient, type VaultClient } from "./client.ts";
import { VaultError } from "./error.ts";
import type { OwnLogins } from "./own-logins.ts";
import type { VaultConnection } from "./settings.ts";

export const call: Call = {
  signal: new AbortController().signal,
  deadlineMs: 20_000,
  key: "rotation/step/version/1",
};

export interface RoleOptions {
  /** HCL; `default` is added. */
  readonly policy: string;
  readonly ttlSeconds: number;
}

/** A Vault of which a test may do anything: the fake or the real one. */
export interface ClientPlace {
  readonly addresses: readonly string[];
  readonly rootToken: string;
  readonly clock: Clock;
  /** A KV engine of version 2. */
  readonly mount: string;
  makeRole(options: RoleOptions): Promise<{ readonly roleId: string; readonly secretId: string }>;
  /** From now on one of two requests below the mount is over its limit. */
  throttle(): Promise<void>;
  seal(): Promise<void>;
  unseal(): Promise<void>;
  close(): Promise<void>;
}

type Opened = Partial<Pick<VaultConnection, "addresses" | "namespace" | "auth">> & {
  readonly clock?: Clock;
  readonly secret?: () => string;
  readonly ownLogins?: OwnLogins;
};

/** A client with the root token, or with another way in. */
export const clientOf = (
  place: Omit<ClientPlace, "makeRole">,
  options: Opened = {},
): VaultClient => {
  const { clock = place.clock, secret = () => place.rootToken, ownLogins, ...connection } = options;
  return openVaultClient({
    connection: {
      addresses: [...place.addresses],
      auth: { token: "the reference" },
      ...connection,
    },
    clock,
    resolveSecret: async () => Secret.fromUtf8(secret()),
    ...(ownLogins && { ownLogins }),
  });
};

export const roleAuth = (roleId: string): VaultConnection["auth"] => ({
  approle: { mount: "approle", roleId, secretId: "the reference" },
});

/** A policy with which a login may look at itself and do nothing else. */
export const noRights = 'path "nowhere/*" { capabilities = ["deny"] }';

/** What a call that must fail threw. */
export const errorOfCall = async (work: Promise<unknown>): Promise<VaultError> => {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(outcome instanceof VaultError))
    throw new Error("expected a VaultError", { cause: outcome });
  return outcome;
};
