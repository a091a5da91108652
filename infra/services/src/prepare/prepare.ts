import { randomBytes } from "node:crypto";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Secret } from "@rekey/secret";
import type { RunningStack } from "@rekey/stack";
import { stringify } from "yaml";
import {
  exampleConfig,
  exampleFile,
  kafkaPassword,
  secretPath,
  servicesConfig,
  type SystemAddresses,
} from "../config/services-config.ts";
import { checkoutFile } from "../kinds.ts";
import { keepSecret, readSecret } from "./connect.ts";
import { prepareLedgerServer } from "./ledger-server.ts";
import { rekeyCommand } from "./rekey-command.ts";
import { prepareTargetServer } from "./target-server.ts";
import { prepareVault } from "./vault.ts";

export interface PrepareOptions {
  /** Secrets, configuration, sockets and logs. */
  readonly folder: string;
  readonly systems: RunningStack;
  /** What `rekey ledger migrate` and `rekey topics apply` see of the environment. */
  readonly variables: Readonly<Record<string, string>>;
  /** Wraps each step, to show it. */
  readonly step?: Step;
}

type Step = <Value>(
  texts: { readonly doing: string; readonly done: string },
  work: () => Promise<Value>,
) => Promise<Value>;

export interface Prepared {
  /** For every service's `--config`: the example itself where addresses and folder are those of the example. */
  readonly configFile: string;
}

const silent: Step = async (_, work) => await work();
const pepperBytes = 32;

/**
 * Everything that an operator does once before the first service starts, as docs/production.md tells it. Safe to
 * repeat: what is there stays. Throws PREPARATION_FAILED, or what a server says.
 */
export const prepareServices = async (options: PrepareOptions): Promise<Prepared> => {
  const { folder, systems, variables, step = silent } = options;
  await mkdir(secretPath(folder, ""), { recursive: true, mode: 0o700 });
  await keepPepper(folder);
  await keepSecret(secretPath(folder, "redis.url"), Secret.fromUtf8(`${systems.redis.url}/0`));
  await step(texts("the ledger's database and its two roles"), () =>
    prepareLedgerServer(systems.postgres, folder),
  );
  await step(texts("the target's groups and Rekey's role there"), () =>
    prepareTargetServer(systems.target, folder),
  );
  await step(texts("Vault's engine, policies and roles"), () =>
    prepareVault(systems.vault, folder),
  );
  const configFile = await writeConfig(options);
  await step(texts("the topics"), () => applyTopics(options, configFile));
  await step(texts("the ledger's schema"), () =>
    rekeyCommand(["ledger", "migrate", "--config", configFile], { variables }),
  );
  return { configFile };
};

const texts = (what: string): { doing: string; done: string } => ({
  doing: `preparing ${what}`,
  done: `${what} prepared`,
});

const keepPepper = async (folder: string): Promise<void> => {
  const file = secretPath(folder, "pepper");
  if ((await readSecret(file)) !== undefined) return await chmod(file, 0o600);
  await keepSecret(file, Secret.fromUtf8(randomBytes(pepperBytes).toString("base64url")));
};

/** Where the systems listen, as the configuration says it. */
const addressesOf = ({ kafka, vault, target }: RunningStack): SystemAddresses => ({
  brokers: kafka.brokers,
  ...(kafka.sasl && { kafkaUser: kafka.sasl.rekey.username }),
  vault: vault.address,
  target: { host: target.host, port: target.port },
});

/** The example as it is, where nothing would differ. */
const writeConfig = async ({ folder, systems }: PrepareOptions): Promise<string> => {
  const addresses = addressesOf(systems);
  if (systems.kafka.sasl !== undefined) {
    const { username, password } = systems.kafka.sasl.rekey;
    await keepSecret(secretPath(folder, kafkaPassword(username)), password);
  }
  const asInExample = await servicesConfig({
    addresses,
    folder: relative(checkoutFile("."), folder),
  });
  if (isDeepStrictEqual(asInExample, await exampleConfig())) return exampleFile;
  const file = join(folder, "rekey.yaml");
  await writeFile(file, stringify(await servicesConfig({ addresses, folder })));
  return file;
};

/** Where only an administrator makes topics, it is the administrator that applies them. */
const applyTopics = async (options: PrepareOptions, configFile: string): Promise<void> => {
  const { folder, systems, variables } = options;
  const apply = ["topics", "apply", "--config"];
  const { sasl } = systems.kafka;
  if (sasl === undefined) return void (await rekeyCommand([...apply, configFile], { variables }));
  const { username: kafkaUser, password } = sasl.admin;
  await keepSecret(secretPath(folder, kafkaPassword(kafkaUser)), password);
  const addresses = { ...addressesOf(systems), kafkaUser };
  const file = join(folder, "topics.yaml");
  await writeFile(file, stringify(await servicesConfig({ addresses, folder })));
  await rekeyCommand([...apply, file], { variables });
};
