import type { Capabilities, Clock, Issuer, IssuerId } from "@rekey/domain";
import type { Secret } from "@rekey/secret";
import type { OwnLogins } from "@rekey/vault-client";
import type { z } from "zod";
import { openPostgresRole, postgresRoleOptions } from "./postgres-role/open.ts";
import { postgresRoleCapabilities } from "./postgres-role/issuer.ts";
import { vaultApproleCapabilities } from "./vault-approle/issuer.ts";
import {
  openVaultApprole,
  vaultApproleOptions,
  vaultApproleSecrets,
} from "./vault-approle/open.ts";

/** What every issuer gets where it is wired. */
interface IssuerSetup<Options> {
  readonly instance: IssuerId;
  /** Parsed by the entry's `optionsSchema`. */
  readonly options: Options;
  readonly clock: Clock;
  /** Follows a reference such as `file:/etc/rekey/admin.dsn`; asked at every use, so it may cache. */
  readonly resolveSecret: (reference: string) => Promise<Secret>;
  /** Of the whole process: a refused login to Vault is not tried again by each instance. */
  readonly ownLogins?: OwnLogins;
}

interface IssuerEntry<Options> {
  /** One line for the capability matrix. */
  readonly describe: string;
  readonly capabilities: Capabilities;
  readonly optionsSchema: z.ZodType<Options>;
  /** Paths of the options that are secret references: each must lead somewhere before anything starts. */
  readonly secretOptions: readonly string[];
  /** Opens nothing yet: the first call does. */
  readonly open: (setup: IssuerSetup<Options>) => Issuer;
}

/** The same entry, and a way to open it with options as they are in the configuration file. */
const fromConfiguration = <Options, Entry extends IssuerEntry<Options>>(
  entry: Entry & IssuerEntry<Options>,
) => ({
  ...(entry as Entry),
  /** Throws ZodError for options that `optionsSchema` refuses. */
  openWith: (setup: IssuerSetup<unknown>): Issuer =>
    entry.open({ ...setup, options: entry.optionsSchema.parse(setup.options) }),
});

/** Every issuer of this room, by the name of its folder. */
export const issuerCatalog = {
  "postgres-role": fromConfiguration({
    describe: "a login role per version inside a group role of PostgreSQL 16 or newer",
    capabilities: postgresRoleCapabilities,
    optionsSchema: postgresRoleOptions,
    secretOptions: ["admin"],
    open: openPostgresRole,
  }),
  "vault-approle": fromConfiguration({
    describe: "a secret id per version of an AppRole role of HashiCorp Vault",
    capabilities: vaultApproleCapabilities,
    optionsSchema: vaultApproleOptions,
    secretOptions: vaultApproleSecrets,
    open: openVaultApprole,
  }),
} as const;

export type IssuerKind = keyof typeof issuerCatalog;
