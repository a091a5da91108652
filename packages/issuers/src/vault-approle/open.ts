import type { Clock, Issuer, IssuerId } from "@rekey/domain";
import type { Secret } from "@rekey/secret";
import {
  openVaultClient,
  vaultConnectionShape,
  vaultSecretOptions,
  type OwnLogins,
  type VaultConnection,
} from "@rekey/vault-client";
import { z } from "zod";
import { connectAppRole, type Vantage } from "./calls.ts";
import { vaultApprole } from "./issuer.ts";
import { userLockouts } from "./lockout.ts";

const endpointsMax = 16;

const endpoint = z.strictObject({
  /** Name of the vantage, as proofs record it. */
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/),
  address: vaultConnectionShape.addresses.element,
});

const distinct = (endpoints: readonly { readonly name: string }[]): boolean =>
  new Set(endpoints.map(({ name }) => name)).size === endpoints.length;

/** Options of one instance, as in the configuration file. */
export const vaultApproleOptions = z
  .strictObject({
    ...vaultConnectionShape,
    /** Where AppRole is mounted, below `auth/`. */
    mount: z
      .string()
      .max(200)
      .regex(/^[A-Za-z0-9_][\w.-]*(\/[A-Za-z0-9_][\w.-]*)*$/, "must be names joined by /")
      .default("approle"),
    /** Addresses at which consumers log in: proofs ask every one. Absent: one, the active node of `addresses`. */
    endpoints: z
      .array(endpoint)
      .min(1)
      .max(endpointsMax)
      .refine(distinct, "names must differ")
      .optional(),
    /** Whether refused logins lock a role: see docs/providers/vault-approle.md. */
    userLockout: z.enum(userLockouts).default("off-at-mount"),
  })
  .refine(({ userLockout, endpoints }) => userLockout !== "on" || (endpoints?.length ?? 1) === 1, {
    path: ["endpoints"],
    message: "must be one while user lockout is on: a proof at more would lock the role",
  });
type VaultApproleOptions = z.infer<typeof vaultApproleOptions>;

/** Paths of the options that are secret references. */
export const vaultApproleSecrets = vaultSecretOptions;

export interface OpenVaultApprole {
  readonly instance: IssuerId;
  readonly options: VaultApproleOptions;
  readonly clock: Clock;
  /** Asked at every login, so it may cache. */
  readonly resolveSecret: (reference: string) => Promise<Secret>;
  readonly ownLogins?: OwnLogins;
}

const allAddresses = "active-node";

/** Connects lazily: nothing is sent before the first call. */
export function openVaultApprole(setup: OpenVaultApprole): Issuer {
  const { instance, options, clock, resolveSecret, ownLogins } = setup;
  const { endpoints, mount, userLockout, ...connection } = options;
  const clientAt = (addresses: VaultConnection["addresses"]) =>
    openVaultClient({
      connection: { ...connection, addresses },
      clock,
      resolveSecret,
      ...(ownLogins && { ownLogins }),
    });
  const vantages: readonly Vantage[] = endpoints?.map(({ name, address }) => ({
    name,
    client: clientAt([address]),
    cluster: false,
  })) ?? [{ name: allAddresses, client: clientAt(connection.addresses), cluster: true }];
  const server = connectAppRole({ own: clientAt(connection.addresses), vantages, mount });
  const names = vantages.map(({ name }) => name);
  return vaultApprole({ instance, server, vantages: names, userLockout, clock });
}
