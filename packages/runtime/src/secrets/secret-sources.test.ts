import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "@rekey/secret";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSecretSources } from "./secret-sources.ts";
import type { SecretSourcesOptions } from "./secret-sources.ts";
import type { SecretSource } from "./secret-source.ts";

let folder: string;
let now = 0;
const clock = { monotonicMs: () => now, sleep: async () => {}, after: () => () => {} };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rekey-secrets-"));
});
afterAll(() => rm(folder, { recursive: true }));

function sources(options: Partial<SecretSourcesOptions> = {}) {
  return createSecretSources({ environment: {}, clock, ...options });
}

async function holds(source: SecretSource, value: string): Promise<boolean> {
  return (await source.read()).equals(Secret.fromUtf8(value));
}

test("env: reads what the process was started with and refuses what is not set", async () => {
  const source = sources({ environment: { SET: "value\n", EMPTY: "" } });
  expect(await holds(source({ kind: "env", name: "SET" }), "value\n")).toBe(true);
  const refusal = { code: "SECRET_UNRESOLVED", publicText: "env:EMPTY is not set" };
  await expect(source({ kind: "env", name: "EMPTY" }).read()).rejects.toMatchObject(refusal);
});

test("file: is read again when it changed, in place or by rename, and only then", async () => {
  const path = join(folder, "secret");
  await writeFile(path, "first\n");
  const source = sources()({ kind: "file", path });
  const first = await source.read();
  expect(await source.read()).toBe(first);
  expect(first.equals(Secret.fromUtf8("first"))).toBe(true);
  await writeFile(path, "again\r\n");
  expect(await holds(source, "again")).toBe(true);
  await writeFile(`${path}.new`, "third");
  await rename(`${path}.new`, path);
  expect(await holds(source, "third")).toBe(true);
});

test("file: names the file and the reason, never its content", async () => {
  const path = join(folder, "empty");
  const source = sources()({ kind: "file", path });
  const absent = { publicText: `file:${path} cannot be read (ENOENT)` };
  await expect(source.read()).rejects.toMatchObject(absent);
  await writeFile(path, "\n");
  await expect(source.read()).rejects.toMatchObject({ publicText: `file:${path} is empty` });
});

test("store: is read once a minute, and again at once after an authentication failure", async () => {
  let reads = 0;
  const readStore = async (): Promise<Secret> => Secret.fromUtf8(`value ${++reads}`);
  const reference = { kind: "store", store: "main", address: "db", field: "password" } as const;
  const source = sources({ readStore })(reference);
  const both = await Promise.all([source.read(), source.read()]);
  expect(both[0]).toBe(both[1]);
  now += 59_999;
  expect(await holds(source, "value 1")).toBe(true);
  now += 1;
  expect(await holds(source, "value 2")).toBe(true);
  source.invalidate();
  expect(await holds(source, "value 3")).toBe(true);
});

test("store: does not keep a failure", async () => {
  let reads = 0;
  const readStore = async (): Promise<Secret> => {
    if (++reads === 1) throw new Error("sealed");
    return Secret.fromUtf8("value");
  };
  const reference = { kind: "store", store: "main", address: "db", field: "password" } as const;
  const source = sources({ readStore })(reference);
  await expect(source.read()).rejects.toThrow("sealed");
  expect(await holds(source, "value")).toBe(true);
});

test("store: without stores is refused by its read, never by the look at it", async () => {
  const reference = { kind: "store", store: "main", address: "db", field: "password" } as const;
  const source = sources()(reference);
  source.invalidate();
  await expect(source.read()).rejects.toMatchObject({
    code: "SECRET_UNRESOLVED",
    publicText: "store:main/db#password this process reads no stores: use env:NAME or file:path",
  });
});
