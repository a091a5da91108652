import { isLoopback } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import type { ClientConfig } from "pg";
import { parseIntoClientConfig } from "pg-connection-string";
import type { SecretSource } from "../secrets/secret-source.ts";

export type ConnectionParts = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password: Secret;
};

/** Where to connect; a source of a connection string is read again for each new connection. */
export type PostgresAddress = ConnectionParts | SecretSource;

/**
 * The parts of the address that pg needs. The password is a function: it is revealed at each
 * connection and stays out of the pool's options, which pg prints.
 */
export async function clientConfig(address: PostgresAddress): Promise<ClientConfig> {
  if (!("read" in address)) return { ...address, password: () => address.password.reveal() };
  const { password: _, ...rest } = await parsed(address);
  return { ...rest, password: async () => (await parsed(address)).password as string };
}

async function parsed(source: SecretSource): Promise<ClientConfig> {
  const url = await source.read();
  try {
    return parseIntoClientConfig(url.reveal());
  } catch {
    // The parser's own error quotes the connection string.
    throw new TypeError("the connection string is malformed");
  }
}

/**
 * What is wrong with a connection string that leads to another machine and does not say how: what pg makes of that is plain
 * TCP, password included. Undefined for every other one, a malformed one too. Never quotes it.
 */
export async function plaintextProblem(source: SecretSource): Promise<string | undefined> {
  const { host, ssl } = parsedOrNone(await source.read());
  const isHere = !host || host.startsWith("/") || isLoopback(host);
  if (isHere || ssl !== undefined) return undefined;
  return "leads to another machine and does not say how: add sslmode=verify-full for TLS, or sslmode=disable where passwords may travel in the clear";
}

function parsedOrNone(url: Secret): ClientConfig {
  try {
    return parseIntoClientConfig(url.reveal());
  } catch {
    return {};
  }
}

/** A connection string holds the password, so it is a secret itself. */
export function connectionUrl(info: ConnectionParts): Secret {
  const password = encodeURIComponent(info.password.reveal());
  const address = `${info.host}:${info.port}/${encodeURIComponent(info.database)}`;
  return Secret.fromUtf8(`postgres://${encodeURIComponent(info.user)}:${password}@${address}`);
}

/** For code that was handed a connection string as text, such as a test's clone. */
export function fixedSource(url: string | Secret): SecretSource {
  const secret = typeof url === "string" ? Secret.fromUtf8(url) : url;
  return { read: async () => secret, invalidate: () => {} };
}
