import type { Issuer, IssuerId } from "@rekey/domain";
import type { Secret } from "@rekey/secret";
import { z } from "zod";
import { usable } from "./follow.ts";
import { postgresRole } from "./issuer.ts";
import { connectRoleServer } from "./server.ts";

const endpointsMax = 16;
const portMax = 65_535;

const endpoint = z.strictObject({
  /** Name of the vantage, as proofs record it. */
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/),
  host: z.string().min(1),
  port: z.int().min(1).max(portMax).default(5432),
});

const distinct = (endpoints: readonly { readonly name: string }[]): boolean =>
  new Set(endpoints.map(({ name }) => name)).size === endpoints.length;

/** Options of one instance, as in the configuration file. */
export const postgresRoleOptions = z.strictObject({
  /** Secret reference to the DSN of Rekey's own role: `postgres://user:password@host:port/database`. */
  admin: z.string().min(1),
  /** Addresses at which consumers reach the server: proofs ask every one. */
  endpoints: z.array(endpoint).min(1).max(endpointsMax).refine(distinct, "names must differ"),
  /** TLS for Rekey's own connection and for probes, verified; absent: plain TCP. */
  tls: z
    .strictObject({ ca: z.string().min(1).optional(), serverName: z.string().min(1).optional() })
    .optional(),
});

type PostgresRoleOptions = z.infer<typeof postgresRoleOptions>;

/** Either the DSN itself, or the way to it, which is asked at every use. */
type AdminAccess =
  | { readonly secrets: { readonly admin: Secret } }
  | { readonly resolveSecret: (reference: string) => Promise<Secret> };

export type OpenPostgresRole = AdminAccess & {
  readonly instance: IssuerId;
  readonly options: PostgresRoleOptions;
};

/** Connects lazily: nothing is sent before the first call. CONFIG_MISSING when the DSN cannot be used. */
export function openPostgresRole(setup: OpenPostgresRole): Issuer {
  const { instance, options } = setup;
  const server = connectRoleServer({ dsn: dsnOf(setup), tls: options.tls });
  return postgresRole({ instance, server, endpoints: options.endpoints });
}

function dsnOf(setup: OpenPostgresRole): () => Promise<Secret> {
  const { admin } = setup.options;
  if ("resolveSecret" in setup) return () => setup.resolveSecret(admin);
  const dsn = usable(setup.secrets.admin);
  return async () => dsn;
}
