import { openPostgresRole, postgresRoleOptions } from "./postgres-role/open.ts";
import { postgresRoleCapabilities } from "./postgres-role/issuer.ts";

/** Every issuer of this room, by the name of its folder. */
export const issuerCatalog = {
  "postgres-role": {
    describe: "a login role per version inside a group role of PostgreSQL 16 or newer",
    capabilities: postgresRoleCapabilities,
    optionsSchema: postgresRoleOptions,
    /** Options that are secret references: the caller resolves them and hands the values to `open`. */
    secretOptions: ["admin"],
    open: openPostgresRole,
  },
} as const;

export type IssuerKind = keyof typeof issuerCatalog;
