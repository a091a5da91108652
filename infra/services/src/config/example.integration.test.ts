import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ambientEnvironment } from "@rekey/stack";
import { expect, onTestFinished, test } from "vitest";
import { stringify } from "yaml";
import { mainOf, serviceKinds, type ServiceKind } from "../kinds.ts";
import { servicesConfig, type ServicesConfig } from "./services-config.ts";

const addresses = {
  brokers: ["127.0.0.1:19392"],
  vault: "http://127.0.0.1:19200",
  target: { host: "127.0.0.1", port: 19_433 },
};

/** What each name would hold; nothing is connected to. */
const planted = {
  "ledger.url": "postgres://rekey:planted@127.0.0.1/rekey",
  "redis.url": "redis://127.0.0.1/0",
  "shop-admin.dsn": "postgres://rekey_admin:planted@127.0.0.1/shop",
  "vault.secret-id": "planted",
  pepper: "planted",
};

/** The example with secrets of its own, changed as asked. */
const openExample = async (change: (config: ServicesConfig) => unknown): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "rekey-example-"));
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "secrets"));
  for (const [name, text] of Object.entries(planted))
    await writeFile(join(folder, "secrets", name), text);
  const file = join(folder, "rekey.yaml");
  await writeFile(file, stringify(change(await servicesConfig({ addresses, folder }))));
  return file;
};

/** What `--check` says of it, with the exit code. */
const check = async (
  kind: ServiceKind,
  file: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<{ code: unknown; said: string }> =>
  await new Promise((resolve) => {
    const words = [mainOf(kind), "--config", file, "--check"];
    const env = { ...ambientEnvironment().variables, ...variables };
    execFile(process.execPath, words, { env }, (error, out, said) =>
      resolve({ code: error?.code ?? 0, said: `${out}${said}` }),
    );
  });

// Five processes that each load everything take long on a busy machine.
const checksMaxMs = 180_000;

test(
  "every kind of service can start with the example",
  async () => {
    const file = await openExample((config) => config);
    const checks = serviceKinds.map(async (kind) => ({ kind, ...(await check(kind, file)) }));
    expect(await Promise.all(checks)).toEqual(
      serviceKinds.map((kind) => ({ kind, code: 0, said: "the configuration is fine\n" })),
    );
  },
  checksMaxMs,
);

test(
  "a shell that asks a gateway may start a service as well; a variable of nothing is told",
  async () => {
    const file = await openExample((config) => config);
    const asking = { REKEY_SOCKET: "/run/rekey.sock", REKEY_TOKEN: "file:/run/token" };
    expect(await check("relay", file, asking)).toMatchObject({ code: 0 });
    const { code, said } = await check("relay", file, { REKEY_SOCKETS: "/run/rekey.sock" });
    expect(code).toBe(2);
    expect(said).toMatch(/REKEY_SOCKETS: no setting has this variable/);
  },
  checksMaxMs,
);

test(
  "a setting that is not there, and a secret that leads nowhere, would be told",
  async () => {
    const file = await openExample((config) => ({
      ...config,
      topics: {},
      redis: { url: "file:/nowhere" },
    }));
    const { code, said } = await check("intake", file);
    expect(code).toBe(2);
    expect(said).toMatch(/topics: is not a setting/);
    expect(said).toMatch(/redis\.url/);
  },
  checksMaxMs,
);
