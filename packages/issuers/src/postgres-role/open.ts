import type { Issuer, IssuerId } from "@rekey/domain";
import type { Secret } from "@rekey/secret";
import { z } from "zod";
import { isLocalHost } from "./connect.ts";
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

const tls = z.strictObject({
  ca: z.string().min(1).optional(),
  serverName: z.string().min(1).optional(),
});

const options = z.strictObject({
  /** Secret reference to the DSN of Rekey's own role: `postgres://user:password@host:port/database`. */
  admin: z.string().min(1),
  /** Addresses at which consumers reach the server: proofs ask every one. */
  endpoints: z.array(endpoint).min(1).max(endpointsMax).refine(distinct, "names must differ"),
  /**
   * TLS for Rekey's own connection and for probes, verified. Absent: plain TCP, to this machine alone; `plaintext` accepts
   * it to any host.
   */
  tls: z.union([tls, z.literal("plaintext")]).optional(),
});

/** Options of one instance, as in the configuration file. */
export const postgresRoleOptions = options.refine(
  ({ tls: given, endpoints }) =>
    given !== undefined || endpoints.every(({ host }) => isLocalHost(host)),
  {
    path: ["tls"],
    message:
      "must be set, as an endpoint is on another machine: {} or { ca } for TLS, or plaintext where passwords may travel in the clear",
  },
);

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
  const { instance } = setup;
  const { endpoints, tls: given } = setup.options;
  const way = given === "plaintext" ? { plaintext: true } : { tls: given };
  const server = connectRoleServer({ dsn: dsnOf(setup), ...way });
  return postgresRole({ instance, server, endpoints });
}

function dsnOf(setup: OpenPostgresRole): () => Promise<Secret> {
  const { admin, tls: given } = setup.options;
  if ("resolveSecret" in setup) return () => setup.resolveSecret(admin);
  const dsn = usable(setup.secrets.admin, given !== undefined);
  return async () => dsn;
}
