import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clientConfig, fixedSource } from "@rekey/runtime";
import { ambientEnvironment, askVault } from "@rekey/stack";
import pg from "pg";
import { stringify } from "yaml";
import { prepareServices } from "./prepare/prepare.ts";
import { rekeyCommand } from "./prepare/rekey-command.ts";
import { paymentsGroup, targetDatabase } from "./prepare/target-server.ts";
import { startServices, type ServiceProcess } from "./processes/start-services.ts";
import { startSystems, type StartedSystems, type SystemsOptions } from "./systems.ts";

/** Five services on systems of their own, with one credential declared. */
export interface Installation {
  readonly started: StartedSystems;
  readonly configFile: string;
  readonly folder: string;
  readonly services: readonly ServiceProcess[];
  /** `rekey …` at the first gateway; answers what it printed. */
  readonly rekey: (words: readonly string[], stdin?: string) => Promise<string>;
  /** What the payments service reads in Vault: `db` has a `url`, `vault` a `role_id` and a `secret_id`. */
  readonly read: (document: "db" | "vault") => Promise<Readonly<Record<string, string>>>;
  readonly close: () => Promise<void>;
}

export const { variables } = ambientEnvironment();

/** Prepared, started and ready; everything it made is gone after `close`. */
export const openInstallation = async (
  options: Omit<SystemsOptions, "folder">,
): Promise<Installation> => {
  const root = await mkdtemp(join(tmpdir(), "rekey-services-"));
  const folder = join(root, "services");
  const started = await startSystems({ ...options, folder: root });
  let services: readonly ServiceProcess[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(services.map(async (service) => await service.stop()));
    await started.stop();
    await rm(root, { recursive: true, force: true });
  };
  try {
    const { configFile } = await prepareServices({ folder, systems: started.systems, variables });
    services = await startServices({ configFile, folder, variables });
    const socket = services.find(({ kind }) => kind === "gateway")?.socket ?? "";
    await writeFile(join(folder, "inventory.yaml"), inventory);
    return {
      started,
      configFile,
      folder,
      services,
      rekey: async (words, stdin = "") =>
        await rekeyCommand(["--socket", socket, ...words], { variables, stdin }),
      read: async (document) => await readFields(started, document),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

const inventory = stringify({
  identities: [
    { id: "platform-team", kind: "person" },
    { id: "payments", kind: "service", owner: "platform-team" },
  ],
  consumers: [
    {
      id: "payments-api",
      identity: "payments",
      environment: "production",
      service: "payments-api",
    },
  ],
  credentials: [
    {
      id: "payments-db",
      identity: "payments",
      owner: "platform-team",
      purpose: "writes payments",
      environment: "production",
      issuer: {
        instance: "shop-postgres",
        settings: { group: paymentsGroup, database: targetDatabase },
      },
      store: {
        store: "vault",
        document: "payments/db",
        fields: { url: "postgres://{username}:{secret}@{host}:{port}/{database}" },
      },
      consumers: ["payments-api"],
    },
    {
      id: "payments-vault",
      identity: "payments",
      owner: "platform-team",
      purpose: "logs in to Vault",
      environment: "production",
      issuer: { instance: "shop-vault", settings: { role: "payments" } },
      store: {
        store: "vault",
        document: "payments/vault",
        fields: { role_id: "{role_id}", secret_id: "{secret}" },
      },
      consumers: ["payments-api"],
    },
  ],
});

/** A document's fields, as the payments service reads them. */
const readFields = async (
  { vault }: StartedSystems,
  document: string,
): Promise<Readonly<Record<string, string>>> => {
  const { address, rootToken: token } = vault;
  const path = `secret/data/payments/${document}`;
  const { data } = await askVault(address, { method: "GET", path, token });
  return (data as { readonly data: Readonly<Record<string, string>> }).data;
};

/** One real login at Vault with what a document says: whether it is let in. */
export const vaultLogin = async (
  { vault }: StartedSystems,
  body: Readonly<Record<string, string>>,
): Promise<boolean> =>
  await askVault(vault.address, { method: "PUT", path: "auth/approle/login", body }).then(
    () => true,
    () => false,
  );

/** One real login: the role that it is, or the server's refusal. */
export const login = async (
  url: string,
): Promise<{ readonly role: string } | { readonly refused: string }> => {
  const client = new pg.Client({
    ...(await clientConfig(fixedSource(url))),
    connectionTimeoutMillis: 20_000,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ role: string }>("select session_user as role");
    return { role: rows[0]?.role ?? "" };
  } catch (error) {
    return { refused: String((error as { readonly code?: string }).code) };
  } finally {
    await client.end();
  }
};
