import type { Secret } from "@rekey/secret";
import type { SecretSource } from "@rekey/runtime";
import type { RedisOptions } from "ioredis";

/** One primary, by host or behind a name that follows the primary. */
export interface RedisParts {
  readonly host: string;
  readonly port: number;
  /** Number of the database, 0 where absent. */
  readonly database?: number;
  /** Of an ACL user; `default` where absent. */
  readonly username?: string;
  readonly password?: Secret;
  readonly tls?: boolean;
}

/** The parts, or a source of `redis://user:password@host:port/0` (`rediss://` = TLS), read again for each new connection. */
export type RedisAddress = RedisParts | SecretSource;

export interface RedisTls {
  /** PEM of the authority that signed the server's certificate, where it is not a public one. */
  readonly ca?: string;
  /** The name in the certificate, where it is not the host. */
  readonly serverName?: string;
}

/** The options of ioredis that say where and as whom. */
export type RedisTarget = Pick<
  RedisOptions,
  "host" | "port" | "db" | "username" | "password" | "tls"
>;

const portDefault = 6_379;

/** Rejects with a TypeError that never quotes the address: it may hold the password. */
export async function redisTarget(address: RedisAddress, tls: RedisTls = {}): Promise<RedisTarget> {
  const target = "read" in address ? targetOf((await address.read()).reveal()) : fromParts(address);
  const { secure, ...rest } = target;
  if (!secure) return rest;
  const { ca, serverName: servername } = tls;
  return { ...rest, tls: { ...(ca && { ca }), ...(servername && { servername }) } };
}

interface Target extends RedisTarget {
  readonly secure: boolean;
}

const fromParts = (parts: RedisParts): Target => ({
  host: parts.host,
  port: parts.port,
  db: parts.database ?? 0,
  ...(parts.username !== undefined && { username: parts.username }),
  ...(parts.password !== undefined && { password: parts.password.reveal() }),
  secure: parts.tls ?? false,
});

/** Our own reading: that of ioredis takes any option out of a query. */
function targetOf(text: string): Target {
  const url = URL.parse(text);
  const database = /^\/?(\d{0,5})$/.exec(url?.pathname ?? "none")?.[1];
  const known = url?.protocol === "redis:" || url?.protocol === "rediss:";
  if (!url || !known || database === undefined || url.hostname === "" || url.search !== "") {
    throw new TypeError(
      "the connection string is not redis[s]://[user:password@]host[:port][/database]",
    );
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? portDefault : Number(url.port),
    db: Number(database),
    ...(url.username !== "" && { username: decoded(url.username) }),
    ...(url.password !== "" && { password: decoded(url.password) }),
    secure: url.protocol === "rediss:",
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
