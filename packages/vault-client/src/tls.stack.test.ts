import type { AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import { startVault } from "@rekey/stack";
import { describeStack } from "@rekey/stack/vitest";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openVaultClient, type VaultClient } from "./client.ts";
import { call, errorOfCall, clientOf } from "./client.fixture.ts";
import { vaultPath } from "./path.ts";
import { startTlsFront, type TlsFront } from "./tls-front.fixture.ts";

const self = vaultPath`auth/token/lookup-self`;

describeStack(["vault"], "TLS with an authority of one's own", () => {
  let folder: string;
  let vault: Awaited<ReturnType<typeof startVault>>;
  let front: TlsFront;
  const open = (ca: string | undefined, name = "localhost"): VaultClient => {
    const address = `https://${name}:${(front.server.address() as AddressInfo).port}`;
    const secrets: Readonly<Record<string, string>> = { token: vault.rootToken, ca: ca ?? "" };
    return openVaultClient({
      connection: {
        addresses: [address],
        auth: { token: "token" },
        ...(ca === undefined ? {} : { tls: { ca: "ca" } }),
      },
      clock: systemClock,
      resolveSecret: async (reference) => Secret.fromUtf8(secrets[reference] ?? ""),
    });
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "rekey-vault-tls-"));
    vault = await startVault({ folder });
    const root = clientOf({ ...place, addresses: [vault.address], rootToken: vault.rootToken });
    front = await startTlsFront(root, vault.address);
    await root.close();
  });
  afterAll(async () => {
    front.server.closeAllConnections();
    front.server.close();
    await vault.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("the authority that was named is trusted", async () => {
    const client = open(front.authority);
    expect(await client.read(self, call)).toMatchObject({ found: true });
    await client.close();
  });

  it("without it, or for another host's name, nothing is sent", async () => {
    for (const client of [open(undefined), open(front.authority, "127.0.0.1")]) {
      const error = await errorOfCall(client.read(self, call));
      expect(error).toMatchObject({ kind: "unreachable", unknownOutcome: false });
      expect(error.providerCode).toMatch(/CERT|ALTNAME|ISSUER|SELF_SIGNED|LEAF/);
      await client.close();
    }
  });
});

const place = {
  clock: systemClock,
  mount: "secret",
  throttle: async () => {},
  seal: async () => {},
  unseal: async () => {},
  close: async () => {},
};
