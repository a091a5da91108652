import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gatewayListenOptions, type Gateway } from "@rekey/gateway";
import { createSecretSources, systemClock } from "@rekey/runtime";
import {
  createTestAuthority,
  openTokenIssuer,
  type TestAuthority,
  type TokenIssuer,
} from "@rekey/testkit";
import { runWith, type Run } from "./run-cli.fixture.ts";

/** Doors over TLS for gateways of one test, and the people who come through them. */
export interface Doors {
  readonly issuer: TokenIssuer;
  readonly clients: TestAuthority;
  /** Opens one more door of a gateway; answers its URL. */
  open(gateway: Gateway): Promise<string>;
  /** A file in a folder of its own; answers its path. */
  write(name: string, content: string): Promise<string>;
  /** Commands of one person, by a token of these groups. */
  as(person: Person): Promise<Run>;
  readonly ca: string;
  close(): Promise<void>;
}

interface Person {
  readonly name: string;
  readonly groups: readonly string[];
  readonly urls: readonly string[];
  /** Of a gateway whose clock is not the machine's. */
  readonly times?: { readonly iat: number; readonly exp: number };
}

export const pipeline = "spiffe://example.org/ci/pipeline";
export const scanner = "spiffe://example.org/ci/scanner";
export const workload = "system:serviceaccount:production:payments";

export const openDoors = async (): Promise<Doors> => {
  const folder = await mkdtemp(join(tmpdir(), "rekey-doors-"));
  const write = async (name: string, content: string): Promise<string> => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };
  const [issuer, servers, clients] = await Promise.all([
    openTokenIssuer(),
    createTestAuthority("servers"),
    createTestAuthority("clients"),
  ]);
  const server = await servers.issue({ name: "gateway", addresses: ["127.0.0.1"] });
  const ca = await write("ca.crt", servers.certificate);
  const { tcp, jwt, mtls } = gatewayListenOptions.parse({
    tcp: {
      host: "127.0.0.1",
      port: 0,
      tls: {
        certificate: await write("server.crt", server.certificate),
        key: `file:${await write("server.key", server.key)}`,
        clientCa: await write("clients.crt", clients.certificate),
      },
    },
    jwt: {
      people: {
        issuer: issuer.issuer,
        audience: [issuer.audience],
        keysUrl: issuer.keysUrl,
        rolesClaim: "groups",
        roles: {
          operators: ["viewer", "operator", "auditor"],
          approvers: ["viewer", "approver"],
        },
        consumers: { [workload]: "payments-api" },
      },
    },
    mtls: { roles: { [pipeline]: ["producer", "viewer"], [scanner]: ["producer"] } },
  });
  if (tcp === undefined) throw new Error("there is a door");
  const secretSource = createSecretSources({ environment: {}, clock: systemClock });
  return {
    issuer,
    clients,
    write,
    ca,
    open: async (gateway) => {
      const { port } = await gateway.listen({ network: { tcp, jwt, mtls, secretSource } });
      return `https://127.0.0.1:${port}`;
    },
    as: async ({ name, groups, urls, times }) => {
      const token = await write(`${name}.jwt`, await issuer.token({ sub: name, groups, ...times }));
      const places = urls.flatMap((url) => ["--url", url]);
      return runWith([...places, "--token", `file:${token}`, "--ca", ca]);
    },
    close: async () => {
      await issuer.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
