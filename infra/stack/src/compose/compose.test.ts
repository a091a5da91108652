import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { defaultPorts, stackParts } from "../cli/parts.ts";
import { singleNode } from "../kafka/settings.ts";
import { postgresSettings } from "../postgres/settings.ts";
import { redisSettings } from "../redis/start.ts";
import { vaultSettings } from "../vault/settings.ts";
import { composeVersion } from "../versions.ts";
import { composeFile, portVariables } from "./engine.ts";

interface Service {
  readonly image: string;
  readonly ports: readonly string[];
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
}

/** With the defaults of its variables. */
const compose = async (): Promise<Compose> => {
  const text = await readFile(composeFile, "utf8");
  return parse(text.replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1"), { merge: true }) as Compose;
};

const service = async (name: string): Promise<Service> => {
  const found = (await compose()).services[name];
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
};

test("the containers are the parts that start natively", async () => {
  const { services } = await compose();
  expect(Object.keys(services)).toEqual(stackParts);
});

test.each(stackParts)("%s has the same version and the same port", async (part) => {
  const { image, ports } = await service(part);
  expect(image.split(":")[1]).toBe(composeVersion[part]);
  expect(ports).toEqual([expect.stringMatching(`^127\\.0\\.0\\.1:${defaultPorts[part]}:\\d+$`)]);
});

test("every port is published on 127.0.0.1 only, and moves by the variable that the command sets", async () => {
  const text = await readFile(composeFile, "utf8");
  for (const [name, port] of Object.entries(portVariables(defaultPorts)))
    expect(text).toContain(`- "127.0.0.1:\${${name}:-${port}}:`);
});

test("Kafka's single node has the same settings", async () => {
  const { environment } = await service("kafka");
  for (const [name, value] of Object.entries(singleNode)) {
    const variable = `KAFKA_${name.toUpperCase().replaceAll(".", "_")}`;
    expect(environment).toMatchObject({ [variable]: value });
  }
});

test("Redis has the same settings", async () => {
  const { command } = await service("redis");
  const settings = Object.entries(redisSettings).flatMap(([name, value]) => [`--${name}`, value]);
  expect(command).toEqual(["redis-server", ...settings]);
});

test("Vault has the same settings, but for the addresses inside the container", async () => {
  const { environment } = await service("vault");
  const found = JSON.parse(environment["VAULT_LOCAL_CONFIG"] ?? "") as object;
  const port = defaultPorts.vault;
  const native = vaultSettings({ folder: "", port, clusterPort: 8201, storage: "raft" });
  const tcp = { address: "0.0.0.0:8200", cluster_address: "127.0.0.1:8201", tls_disable: true };
  const raft = { path: "/vault/file", performance_multiplier: "1" };
  expect(found).toEqual({ ...native, listener: [{ tcp }], storage: { raft } });
});

test.each(["postgres", "target"])("%s has the same settings", async (name) => {
  const { command } = await service(name);
  const settings = Object.entries(postgresSettings).flatMap(([one, value]) => [
    "-c",
    `${one}=${value}`,
  ]);
  expect(command).toEqual(["postgres", ...settings]);
});

test("no two containers share a volume, and each volume is declared", async () => {
  const { services, volumes } = await compose();
  const used = Object.values(services).flatMap((one) =>
    one.volumes.map((text) => text.replace(/:.*/, "")),
  );
  expect(new Set(used).size).toBe(used.length);
  expect(Object.keys(volumes).toSorted()).toEqual(used.toSorted());
});
