import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectionUrl } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import { keptPassword } from "@rekey/stack";
import { describeStack } from "@rekey/stack/vitest";
import { eventually } from "@rekey/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { kafkaPassword, secretPath, servicesConfig } from "./config/services-config.ts";
import { variables } from "./installation.fixture.ts";
import { asAdministrator, givePassword } from "./prepare/administrator.ts";
import { keepSecret } from "./prepare/connect.ts";
import { documentedPolicy, kvPolicy } from "./prepare/policies.ts";
import { rekeyCommand } from "./prepare/rekey-command.ts";
import { prepareTargetServer } from "./prepare/target-server.ts";
import { startServices, type ServiceProcess } from "./processes/start-services.ts";
import { applyRedisUsers, blocksOf, paste } from "./production-page.fixture.ts";
import { startSystems, type StartedSystems } from "./systems.ts";

/** One that services run on, and one whose Kafka user may make topics. */
interface Files {
  readonly config: string;
  readonly admin: string;
}

const startMs = 180_000;
const settling = { withinMs: 180_000, everyMs: 300 };

// Kafka's users and access lists are those of infra/stack, which a test there compares with the page.
describeStack(["kafka", "redis", "vault"], "docs/production.md, followed word for word", () => {
  let folder = "";
  let started: StartedSystems | undefined;
  let services: readonly ServiceProcess[] = [];
  const files = { config: "", admin: "" } satisfies Files;
  const systems = (): StartedSystems => {
    if (started === undefined) throw new Error("nothing was started");
    return started;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "rekey-page-"));
    await chmod(folder, 0o711);
    started = await startSystems({ folder: join(folder, "systems"), sasl: true });
    await mkdir(join(folder, "secrets"), { mode: 0o700 });
  }, startMs);
  afterAll(async () => {
    await Promise.all(services.map(async (service) => await service.stop()));
    await started?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test("PostgreSQL: a database, its owner and the role of the services", async () => {
    await prepareLedger(systems(), folder);
    await prepareTargetServer(systems().systems.target, folder);
  });

  test("Redis: a user with these rights and no other", async () => {
    await prepareRedis(systems(), folder);
  });

  test("Vault, topics and schema; then nothing is amiss for a service", async () => {
    const roleId = await prepareVault(systems(), folder);
    Object.assign(files, await writeConfigs(systems(), { folder, roleId }));
    await applyAndCheck(files);
  });

  test("with just these rights the five services make a first version and tell of it", async () => {
    services = await startServices({ configFile: files.config, folder, variables });
    await makeControls(services, folder);
  });
});

const applyAndCheck = async (files: Files): Promise<void> => {
  const rekey = async (...words: string[]) => await rekeyCommand(words, { variables });
  const apply = ["topics", "apply", "--config", files.admin];
  await expect(rekey(...apply, "--check")).rejects.toThrow("differences");
  expect(await rekey(...apply)).toContain("rekey.audit.v1");
  expect(await rekey(...apply, "--check")).toContain("every topic is as it should be");
  expect(await rekey("ledger", "migrate", "--config", files.config)).toContain(
    "rekey may read and write rows, and change no audit event",
  );
  // A part that a busy machine answers late is not well for a moment.
  const found = await eventually(async () => {
    const told = await rekey("doctor", "--config", files.config);
    expect(told).toMatch(/redis place +ok/);
    return told;
  }, settling);
  const shown = (await blocksOf("7. The configuration", "console")).join("");
  expect(rowsOf(found)).toEqual(rowsOf(shown));
};

/** The parts that a table of `doctor` has a row of. */
const rowsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^(\S.*?) +(?:ok|–|!!|no) {2}/gm)].map(([, part = ""]) => part);

const makeControls = async (services: readonly ServiceProcess[], folder: string): Promise<void> => {
  const socket = services.find(({ kind }) => kind === "gateway")?.socket ?? "";
  const rekey = async (...words: string[]) =>
    await rekeyCommand(["--socket", socket, ...words], { variables });
  const inventory = join(folder, "inventory.yaml");
  await writeFile(inventory, stringify({ identities: [{ id: "platform-team", kind: "person" }] }));
  await rekey("apply", "-f", inventory, "--yes");
  // A rotation ends only after the relay has told Kafka.
  await eventually(async () => {
    const cases = await rekey("case", "list");
    expect(cases).toMatch(/control-shop-postgres +rotated/);
    expect(cases).toMatch(/control-shop-vault +rotated/);
  }, settling);
};

const prepareRedis = async ({ redis }: StartedSystems, folder: string): Promise<void> => {
  const password = randomBytes(24).toString("hex");
  const [, users = ""] = await blocksOf("4. Redis", "text");
  await applyRedisUsers(redis.port, users, password);
  const url = `redis://rekey:${password}@127.0.0.1:${redis.port}/0`;
  await keepSecret(secretPath(folder, "redis.url"), Secret.fromUtf8(url));
};

const prepareLedger = async ({ systems }: StartedSystems, folder: string): Promise<void> => {
  const [statements = ""] = await blocksOf("2. PostgreSQL for the ledger", "sql");
  await asAdministrator(systems.postgres, "postgres", async (query) => {
    for (const statement of statements.split(";\n").filter(Boolean)) await query(statement);
    for (const [user, file] of [
      ["rekey", "ledger"],
      ["rekey_owner", "ledger-owner"],
    ] as const) {
      const password = await keptPassword(secretPath(folder, `${file}.password`));
      await givePassword(query, user, password);
      const url = connectionUrl({ ...systems.postgres, user, database: "rekey", password });
      await keepSecret(secretPath(folder, `${file}.url`), url);
    }
  });
};

/** Answers the role id that the page has a person read. */
const prepareVault = async ({ vault }: StartedSystems, folder: string): Promise<string> => {
  await writeFile(join(folder, "rekey-kv.hcl"), await kvPolicy(["control"]));
  await writeFile(join(folder, "rekey-approle.hcl"), await documentedPolicy("vault-approle"));
  const place = {
    folder,
    variables: {
      ...variables,
      VAULT_ADDR: vault.address,
      VAULT_TOKEN: vault.rootToken,
      SECRETS: secretPath(folder, ""),
    },
  };
  const printed: string[] = [];
  for (const block of await blocksOf("5. Vault", "sh")) printed.push(await paste(block, place));
  const [roleId] = /^[0-9a-f]{8}-[0-9a-f-]{27}$/m.exec(printed.join("\n")) ?? [];
  if (roleId === undefined) throw new Error("the page prints no role id");
  return roleId;
};

const writeConfigs = async (
  { systems }: StartedSystems,
  { folder, roleId }: { readonly folder: string; readonly roleId: string },
): Promise<Files> => {
  const {
    kafka,
    vault,
    target: { host, port },
  } = systems;
  const { sasl, brokers } = kafka;
  if (sasl === undefined) throw new Error("kafka asks for no login");
  const write = async (name: string, { username, password }: typeof sasl.rekey) => {
    await keepSecret(secretPath(folder, kafkaPassword(username)), password);
    const addresses = {
      brokers,
      kafkaUser: username,
      vault: vault.address,
      target: { host, port },
    };
    const text = stringify(await servicesConfig({ folder, addresses }));
    const file = join(folder, name);
    await writeFile(file, text.replaceAll("roleId: rekey", `roleId: ${roleId}`));
    return file;
  };
  await keepSecret(secretPath(folder, "pepper"), Secret.fromUtf8("page".repeat(11)));
  return {
    config: await write("rekey.yaml", sasl.rekey),
    admin: await write("admin.yaml", sasl.admin),
  };
};
