import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request as plainRequest, type IncomingMessage } from "node:http";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApiRoute } from "@rekey/contracts";
import { createLog, createSecretSources, systemClock, type WallClock } from "@rekey/runtime";
import {
  createTestAuthority,
  openTokenIssuer,
  type TestAuthority,
  type TestCertificate,
  type TokenIssuer,
} from "@rekey/testkit";
import type { z } from "zod";
import { openBench, requestOf, type Asked, type Bench } from "../bench.fixture.ts";
import type { GatewayOptions } from "../options.ts";
import { gatewayListenOptions } from "./options.ts";

/** How one request is made. */
export interface Sent {
  readonly token?: string;
  readonly certificate?: TestCertificate;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly payload?: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: { readonly refused?: string; readonly reason?: string };
}

/** A gateway over TLS on 127.0.0.1, with an identity provider and client certificates of its own. */
export interface Network {
  readonly bench: Bench;
  readonly issuer: TokenIssuer;
  readonly servers: TestAuthority;
  readonly clients: TestAuthority;
  readonly folder: string;
  readonly port: number;
  readonly logged: () => string;
  /** Seconds that the gateway's clock goes on at once. */
  pass(seconds: number): void;
  send(path: string, sent?: Sent): Promise<Answered>;
  /** A call of the contract; throws when it is refused. */
  ask<Route extends ApiRoute>(
    route: Route,
    sent: Sent,
    asked?: Asked<Route>,
  ): Promise<z.output<Route["reply"]>>;
  call<Route extends ApiRoute>(route: Route, sent: Sent, asked?: Asked<Route>): Promise<Answered>;
  close(): Promise<void>;
}

/** Values of the claim that these tests map to roles. */
const rolesOf = {
  viewers: ["viewer"],
  approvers: ["viewer", "approver"],
  operators: ["viewer", "operator"],
  auditors: ["auditor"],
};

interface Opening {
  readonly jwt?: Readonly<Record<string, unknown>>;
  readonly mtls?: Readonly<Record<string, unknown>>;
  readonly tcp?: Readonly<Record<string, unknown>>;
  readonly gateway?: Partial<GatewayOptions>;
}

export const openNetwork = async (opening: Opening = {}): Promise<Network> => {
  const folder = await mkdtemp(join(tmpdir(), "rekey-tls-"));
  const [issuer, servers, clients] = await Promise.all([
    openTokenIssuer(),
    createTestAuthority("servers"),
    createTestAuthority("clients"),
  ]);
  const server = await servers.issue({ name: "gateway", addresses: ["127.0.0.1"] });
  await writeFile(join(folder, "server.crt"), server.certificate);
  await writeFile(join(folder, "server.key"), server.key);
  await writeFile(join(folder, "clients.crt"), clients.certificate);
  const lines: string[] = [];
  const clock = movableClock();
  const log = createLog({ destination: { write: (line) => void lines.push(line) } });
  const bench = openBench({ log, clock, ...opening.gateway });
  const { tcp, jwt, mtls } = gatewayListenOptions.parse(optionsOf(folder, issuer, opening));
  const secretSource = createSecretSources({ environment: {}, clock });
  if (tcp === undefined) throw new Error("these tests are about the network");
  const { port = 0 } = await bench.gateway.listen({ network: { tcp, jwt, mtls, secretSource } });
  const isPlain = tcp.insecure;
  const send = async (path: string, sent: Sent = {}): Promise<Answered> =>
    await exchange({ port, path, ca: isPlain ? undefined : servers.certificate }, sent);
  const call: Network["call"] = async (route, sent, asked = {}) => {
    const { url, headers, ...rest } = requestOf(route, asked);
    return await send(url, { ...(rest as object), ...sent, headers: { ...headers } });
  };
  return {
    bench,
    issuer,
    servers,
    clients,
    folder,
    port,
    logged: () => lines.join(""),
    pass: (seconds) => clock.pass(seconds),
    send,
    call,
    ask: async (route, sent, asked) => {
      const { status, body } = await call(route, sent, asked);
      if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`);
      return route.reply.parse(body) as never;
    },
    close: async () => {
      await bench.gateway.close();
      await issuer.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const optionsOf = (folder: string, issuer: TokenIssuer, { jwt, mtls, tcp }: Opening) => ({
  tcp:
    tcp?.["insecure"] === true
      ? { host: "127.0.0.1", port: 0, ...tcp }
      : {
          host: "127.0.0.1",
          port: 0,
          tls: {
            certificate: join(folder, "server.crt"),
            key: `file:${join(folder, "server.key")}`,
            ...(mtls !== undefined && { clientCa: join(folder, "clients.crt") }),
          },
          ...tcp,
        },
  jwt: {
    people: {
      issuer: issuer.issuer,
      audience: [issuer.audience],
      keysUrl: issuer.keysUrl,
      algorithms: ["ES256"],
      rolesClaim: "groups",
      roles: rolesOf,
      ...jwt,
    },
  },
  ...(mtls !== undefined && { mtls }),
});

/** Stands still but for `pass`, however slow the machine is; sleeps are real ones. */
const movableClock = (): WallClock & { pass(seconds: number): void } => {
  const startedAt = systemClock.now();
  let aheadMs = 0;
  return {
    ...systemClock,
    now: () => startedAt + aheadMs,
    monotonicMs: () => aheadMs,
    pass: (seconds) => {
      aheadMs += seconds * 1_000;
    },
  };
};

interface Target {
  readonly port: number;
  readonly path: string;
  readonly ca: string | undefined;
}

const exchange = async ({ port, path, ca }: Target, sent: Sent): Promise<Answered> => {
  const { token, certificate, payload, method = "GET" } = sent;
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asking = (ca === undefined ? plainRequest : request)({
      host: "127.0.0.1",
      port,
      path,
      method,
      agent: false,
      headers: { ...sent.headers, ...authorization },
      ...(ca !== undefined && { ca }),
      ...(certificate !== undefined && { cert: certificate.certificate, key: certificate.key }),
    });
    asking.once("response", resolve).once("error", reject).end(payload);
  });
  const parts: Buffer[] = [];
  for await (const part of answer as AsyncIterable<Buffer>) parts.push(part);
  const body = JSON.parse(Buffer.concat(parts).toString("utf8")) as Answered["body"];
  return { status: answer.statusCode ?? 0, headers: answer.headers, body };
};
