import { once } from "node:events";
import { request as forward } from "node:http";
import { createServer, type Server } from "node:https";
import type { VaultClient } from "./client.ts";
import { call } from "./client.fixture.ts";
import { vaultPath } from "./path.ts";

export interface TlsFront {
  readonly server: Server;
  /** PEM of the authority that signed its certificate for `localhost`. */
  readonly authority: string;
}

/** TLS before a Vault at `address`. Vault itself is the authority, so no key is kept in a file. */
export const startTlsFront = async (root: VaultClient, address: string): Promise<TlsFront> => {
  await root.write(vaultPath`sys/mounts/pki`, { type: "pki" }, call);
  const names = { common_name: "authority of a test", ttl: "1h" };
  const made = await root.write(vaultPath`pki/root/generate/internal`, names, call);
  await root.write(vaultPath`pki/roles/front`, { allow_localhost: true, ttl: "30m" }, call);
  const issued = await root.write(vaultPath`pki/issue/front`, { common_name: "localhost" }, call);
  const { certificate, private_key: key } = issued.data as Readonly<Record<string, string>>;
  const server = createServer({ cert: certificate, key }, (incoming, outgoing) => {
    const { method, headers, url } = incoming;
    const onward = forward(`${address}${url}`, { method, headers }, (reply) => {
      outgoing.writeHead(reply.statusCode ?? 0, reply.headers);
      reply.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, authority: String(made.data["certificate"]) };
};
