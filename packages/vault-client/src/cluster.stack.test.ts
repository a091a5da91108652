import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@rekey/runtime";
import { startVault, startVaultStandby } from "@rekey/stack";
import { describeStack } from "@rekey/stack/vitest";
import { eventually } from "@rekey/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { VaultClient } from "./client.ts";
import { call, errorOfCall, clientOf } from "./client.fixture.ts";
import { vaultPath } from "./path.ts";

const path = vaultPath`secret/data/team/app`;
const soon = { ...call, deadlineMs: 4_000 };

describeStack(["vault"], "a cluster of two nodes", () => {
  let folder: string;
  let leader: Awaited<ReturnType<typeof startVault>>;
  let standby: Awaited<ReturnType<typeof startVaultStandby>>;
  let client: VaultClient;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "rekey-vault-cluster-"));
    leader = await startVault({ folder: join(folder, "leader"), storage: "raft" });
    standby = await startVaultStandby(leader, { folder: join(folder, "standby") });
    const addresses = [standby.address, leader.address];
    const { rootToken } = leader;
    client = clientOf({ ...place, addresses, rootToken });
    await client.write(
      vaultPath`sys/mounts/secret`,
      { type: "kv", options: { version: "2" } },
      call,
    );
    await eventually(async () => void (await client.read(vaultPath`secret/config`, call)));
  });
  afterAll(async () => {
    await client.close();
    await Promise.all([standby.stop(), leader.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  it("each says what it is, and either takes a write", async () => {
    const states = (await client.health(call)).map(({ state }) => state);
    expect(states).toEqual(["standby", "active"]);
    await client.write(path, { data: { a: "1" } }, call);
    const asked = await client.request({ method: "GET", path, atActive: true }, call);
    expect(asked.data).toMatchObject({ data: { a: "1" } });
  });

  it("a leader that is gone is no answer, least of all that nothing is there", async () => {
    await leader.kill();
    for (const atActive of [false, true]) {
      const error = await errorOfCall(client.request({ method: "GET", path, atActive }, soon));
      expect(["standby", "unreachable", "timeout"]).toContain(error.kind);
    }
    await leader.restart();
    await eventually(async () => (await client.read(path, soon)).found, { withinMs: 60_000 });
    expect((await client.read(path, call)).data).toMatchObject({ data: { a: "1" } });
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
