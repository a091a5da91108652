import { readFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { parse } from "yaml";
import { checkoutFile } from "../kinds.ts";

/** The example, which is also what `services up` runs on. */
export const exampleFile = checkoutFile("infra/services/rekey.yaml");

/** Where the example has its secrets and its socket. */
const exampleFolder = ".rekey/services/";

/** Where the systems listen. */
export interface SystemAddresses {
  /** `host:port` of Kafka's brokers. */
  readonly brokers: readonly string[];
  /** SASL/SCRAM-SHA-512 as this user; its password is `secrets/kafka-<username>.password`. */
  readonly kafkaUser?: string;
  /** Vault, `http://host:port`. */
  readonly vault: string;
  /** The server whose roles are credentials. */
  readonly target: { readonly host: string; readonly port: number };
}

/** rekey.yaml as data, as far as addresses and paths go; the rest is as it was read. */
export interface ServicesConfig {
  readonly [section: string]: unknown;
  readonly kafka: { readonly brokers: readonly string[]; readonly [setting: string]: unknown };
  readonly gateway: { readonly socket: string };
  readonly issuers: Instances;
  readonly stores: Instances;
}

type Instances = Readonly<Record<string, Instance>>;

interface Instance {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly [setting: string]: unknown;
}

/** The example as it stands. */
export const exampleConfig = async (): Promise<ServicesConfig> =>
  parse(await readFile(exampleFile, "utf8")) as ServicesConfig;

/**
 * The example with other addresses, and with another folder for secrets and sockets. On several brokers it says nothing
 * of copies, as in production; nothing else differs.
 */
export const servicesConfig = async (place: {
  readonly addresses: SystemAddresses;
  readonly folder: string;
}): Promise<ServicesConfig> => {
  const { addresses, folder } = place;
  const moved = movedTo(await exampleConfig(), folder) as ServicesConfig;
  const { brokers, vault, target } = addresses;
  const { topics, ...kafka } = moved.kafka;
  return {
    ...moved,
    kafka: { ...kafka, brokers, ...(brokers.length === 1 && { topics }), ...saslOf(place) },
    issuers: withOptions(moved.issuers, {
      "postgres-role": { endpoints: [{ name: "primary", ...target }] },
      "vault-approle": { addresses: [vault] },
    }),
    stores: withOptions(moved.stores, { "vault-kv": { addresses: [vault] } }),
  };
};

/** Every path below the example's folder, in references and elsewhere. */
const movedTo = (value: unknown, folder: string): unknown => {
  if (typeof value === "string") return value.replace(exampleFolder, `${folder}${sep}`);
  if (Array.isArray(value)) return value.map((one: unknown) => movedTo(one, folder));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, movedTo(inner, folder)]),
  );
};

const withOptions = (
  instances: Instances,
  options: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Instances =>
  Object.fromEntries(
    Object.entries(instances).map(([name, instance]) => [
      name,
      { ...instance, options: { ...instance.options, ...options[instance.kind] } },
    ]),
  );

const saslOf = ({
  addresses: { kafkaUser: username },
  folder,
}: {
  readonly addresses: SystemAddresses;
  readonly folder: string;
}): { readonly sasl?: unknown } => {
  if (username === undefined) return {};
  const password = `file:${secretPath(folder, kafkaPassword(username))}`;
  return { sasl: { mechanism: "scram-sha-512", username, password } };
};

export const kafkaPassword = (username: string): string => `kafka-${username}.password`;

/** Where a secret of this name is kept. */
export const secretPath = (folder: string, name: string): string => join(folder, "secrets", name);
