import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format, inspect } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { occupy } from "../process/occupied-port.fixture.ts";
import type { RunningPart } from "../process/part.ts";
import { describeStack } from "../vitest.ts";
import { keysFile } from "./keys.ts";
import { askVault, vaultHealth } from "./requests.ts";
import { startVault, startVaultStandby, type RunningVault, type VaultOptions } from "./start.ts";

let folder: string;
let started: RunningPart[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rekey-vault-"));
  started = [];
});

afterEach(async () => {
  for (const part of started.toReversed()) await part.stop();
  await rm(folder, { recursive: true, force: true });
});

const start = async (storage: VaultOptions["storage"] & string): Promise<RunningVault> => {
  const vault = await startVault({ folder, storage });
  started.push(vault);
  return vault;
};

const ask = (
  { address, rootToken: token }: RunningVault,
  path: string,
  body?: Record<string, unknown>,
): Promise<Record<string, unknown>> =>
  askVault(address, { method: body ? "POST" : "GET", path, token, ...(body && { body }) });

describeStack(["vault"], "Vault on raft", () => {
  test("what it acknowledged is there after kill -9, and it is unsealed by itself", async () => {
    const vault = await start("raft");
    const { rootToken, address } = vault;
    await ask(vault, "sys/mounts/kept", { type: "kv" });
    await ask(vault, "kept/one", { answer: 42 });
    await vault.kill();
    await vault.restart();
    expect(vault).toMatchObject({ rootToken, address });
    expect(await ask(vault, "kept/one")).toMatchObject({ data: { answer: 42 } });
  });

  test("a later start of the same folder finds its keys, on another port too", async () => {
    const first = await start("raft");
    await first.stop();
    const elsewhere = await occupy(first.port);
    const second = await start("raft");
    await elsewhere();
    expect(second.port).not.toBe(first.port);
    expect(await ask(second, "auth/token/lookup-self")).toHaveProperty("data");
  });

  test("a standby answers 429 to a health request, also after its restart", async () => {
    const leader = await start("raft");
    const standby = await startVaultStandby(leader, { folder: join(folder, "standby") });
    started.push(standby);
    await expect.poll(() => vaultHealth(standby.address)).toBe(429);
    await standby.restart();
    await expect.poll(() => vaultHealth(standby.address)).toBe(429);
    await expect.poll(() => vaultHealth(leader.address)).toBe(200);
  });

  test("without its keys it says so instead of beginning anew", async () => {
    const first = await start("raft");
    await first.stop();
    await rm(keysFile(folder));
    await expect(start("raft")).rejects.toMatchObject({ code: "STATE_UNREADABLE" });
  });
});

describeStack(["vault"], "Vault in memory", () => {
  test("sealed it answers 503, unsealed it is active", async () => {
    const vault = await start("memory");
    await vault.seal();
    expect(await vaultHealth(vault.address)).toBe(503);
    await expect(ask(vault, "sys/mounts")).rejects.toThrow("vault answered 503");
    await vault.unseal();
    expect(await ask(vault, "sys/mounts")).toHaveProperty("data");
  });

  test("a restart begins with nothing, and with another root token that works", async () => {
    const vault = await start("memory");
    const { rootToken } = vault;
    await vault.restart();
    expect(vault.rootToken).not.toBe(rootToken);
    expect(await ask(vault, "auth/token/lookup-self")).toHaveProperty("data");
  });

  test("every request is in the audit file, and neither it nor the log holds a key", async () => {
    const vault = await start("memory");
    await ask(vault, "sys/mounts");
    const audit = await readFile(vault.auditFile, "utf8");
    expect(audit).toContain('"path":"sys/mounts"');
    for (const text of [audit, await readFile(vault.logFile, "utf8")])
      for (const key of [vault.rootToken, ...vault.unsealKeys]) expect(text).not.toContain(key);
  });

  test("however it is printed, its keys are not", async () => {
    const vault = await start("memory");
    const hidden = inspect(vault, { depth: 9, showHidden: true, getters: true });
    const texts = [
      hidden,
      JSON.stringify(vault),
      inspect({ ...vault }),
      format("%o %j", vault, vault),
    ];
    for (const text of texts)
      for (const key of [vault.rootToken, ...vault.unsealKeys]) {
        expect(key).not.toBe("");
        expect(text).not.toContain(key);
      }
  });

  test("only this user may read its keys", async () => {
    await start("memory");
    expect((await stat(keysFile(folder))).mode & 0o777).toBe(0o600);
  });
});
