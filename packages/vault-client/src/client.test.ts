import { Secret } from "@rekey/secret";
import { createVirtualClock } from "@rekey/testkit";
import { expect, it } from "vitest";
import { openVaultClient } from "./client.ts";
import { createFakeKv, startVaultFake } from "./fake/index.ts";
import { vaultPath } from "./path.ts";

it("smoke", async () => {
  const clock = createVirtualClock();
  const fake = await startVaultFake({ clock });
  fake.core.mount("secret", createFakeKv());
  const client = openVaultClient({
    connection: { addresses: [fake.address], auth: { token: "t" } },
    clock,
    resolveSecret: async () => Secret.fromUtf8(fake.rootToken),
  });
  const call = { signal: new AbortController().signal, deadlineMs: 5_000, key: "k" };
  await client.write(vaultPath`secret/data/a`, { options: { cas: 0 }, data: { x: "<1>" } }, call);
  const read = await client.read(vaultPath`secret/data/a`, call);
  expect(read.data).toMatchObject({ data: { x: "<1>" } });
  expect(await client.list(vaultPath`secret/metadata`, call)).toEqual(["a"]);
  expect(await client.health(call)).toMatchObject([{ state: "active" }]);
  await client.close();
  await fake.close();
});
