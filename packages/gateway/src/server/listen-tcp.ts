import { constants, randomFillSync } from "node:crypto";
import { stat } from "node:fs/promises";
import type { RequestListener, Server } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Clock } from "@rekey/domain";
import { ConfigFault, type Log, type SecretReference, type SecretSource } from "@rekey/runtime";
import type { TcpOptions, TlsOptions } from "../network/options.ts";
import { readTls } from "./connect.ts";
import { limitServer, openHttpServer, serverLimits } from "./http-server.ts";

/** How often files are looked at for a change. */
const lookMs = 2_000;
const handshakeMs = 10_000;

interface TcpParts {
  readonly listener: RequestListener;
  readonly secretSource: (reference: SecretReference) => SecretSource;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the looking at files. */
  readonly closing: AbortSignal;
}

/** Listens over TCP, with TLS or for a sidecar on this machine. Throws ConfigFault with what cannot be used. */
export const listenOverTcp = async (options: TcpOptions, parts: TcpParts): Promise<Server> => {
  const { host, port, tls } = options;
  const server = tls === undefined ? openHttpServer(parts.listener) : await openTls(tls, parts);
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void => reject(taken(options, error));
    server.once("error", refuse);
    server.listen({ host, port }, () => {
      server.removeListener("error", refuse);
      resolve();
    });
  });
  return server;
};

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;

const taken = ({ host, port }: TcpOptions, { code = "unknown" }: NodeJS.ErrnoException) =>
  new ConfigFault([
    { path: "gateway.tcp.port", text: `${host} port ${port} cannot be listened at (${code})` },
  ]);

const openTls = async (tls: TlsOptions, parts: TcpParts): Promise<TlsServer> => {
  const key = parts.secretSource(tls.key);
  const asksClients = tls.clientCa !== undefined;
  const server = createTlsServer(
    {
      ...serverLimits,
      ...(await readTls(tls, key)),
      handshakeTimeout: handshakeMs,
      requestCert: asksClients,
      // Who shows no certificate may have a token; one that is not trusted is refused where there is a reason to read.
      rejectUnauthorized: false,
      // A resumed session would skip the look at the client's certificate.
      ...(asksClients && { secureOptions: constants.SSL_OP_NO_TICKET }),
    },
    parts.listener,
  );
  limitServer(server);
  server.prependListener("secureConnection", ({ authorized }) => {
    if (!authorized) forgetOpensslErrors();
  });
  void followFiles(server, { tls, key, parts });
  return server;
};

/**
 * A client certificate whose signature is another authority's leaves errors in OpenSSL's queue, which belongs to the thread:
 * Node 24.21 takes them for those of the next read or write, and ends that connection, whosever it is. A call that
 * empties the queue when it returns is enough.
 */
const forgetOpensslErrors = (): void => void randomFillSync(new Uint8Array(1));

interface Followed {
  readonly tls: TlsOptions;
  readonly key: SecretSource;
  readonly parts: TcpParts;
}

/** New connections get what the files say; a change that cannot be used is told once and left alone. */
const followFiles = async (server: TlsServer, { tls, key, parts }: Followed): Promise<void> => {
  const { clock, log, closing } = parts;
  const files = [tls.certificate, tls.clientCa, fileOf(tls.key)].filter((one) => one !== undefined);
  let seen = await stateOf(files);
  while (!closing.aborted) {
    await clock.sleep(lookMs, closing).catch(() => undefined);
    const state = await stateOf(files);
    if (closing.aborted || state === seen) continue;
    seen = state;
    try {
      const secureOptions = tls.clientCa === undefined ? 0 : constants.SSL_OP_NO_TICKET;
      server.setSecureContext({ ...(await readTls(tls, key)), secureOptions });
      log.info("the certificate was read again", {});
    } catch (error) {
      log.error("the changed certificate cannot be used: the one before stays", { error });
    }
  }
};

const fileOf = (reference: SecretReference): string | undefined =>
  reference.kind === "file" ? reference.path : undefined;

// A mounted secret is replaced by renaming a link, an edited file in place: both change one of these.
const stateOf = async (files: readonly string[]): Promise<string> => {
  const states = files.map(async (file) => {
    const found = await stat(file, { bigint: true }).catch(() => undefined);
    return found === undefined ? "absent" : [found.ino, found.size, found.mtimeNs].join(" ");
  });
  return (await Promise.all(states)).join("; ");
};
