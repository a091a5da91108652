import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  prepareServices,
  rekeyCommand,
  serviceKinds,
  startServices,
  type ServiceKind,
  type ServiceProcess,
  type StartedSystems,
} from "@rekey/service-set";
import { ambientEnvironment } from "@rekey/stack";
import { parse, stringify } from "yaml";
import { failpointFile, failpointsVariable, kindVariable } from "./service/failpoints.ts";
import { instances } from "./inventory.fixture.ts";
import type { Target } from "./target.fixture.ts";

/** The five services on systems of a test's own. */
export interface Installation {
  /** Secrets, configuration, sockets and logs. */
  readonly folder: string;
  readonly configFile: string;
  readonly services: readonly ServiceProcess[];
  readonly sockets: readonly string[];
  /** `rekey …` at the first gateway; answers what it printed. */
  rekey(words: readonly string[], stdin?: string): Promise<string>;
  of(kind: ServiceKind, replica: 1 | 2): ServiceProcess;
  failpoint(kind: ServiceKind): string;
  stop(): Promise<void>;
}

export const { variables } = ambientEnvironment();

const replicasDefault = 2;
const main = join(import.meta.dirname, "service/main.ts");

interface Place {
  readonly folder: string;
  readonly started: StartedSystems;
  readonly target: Target;
  /** Replaces or adds sections of rekey.yaml. */
  readonly changes?: Readonly<Record<string, unknown>>;
}

/** As an operator prepares it, with a Vault whose secret ids are credentials and scanners that write to Kafka. */
export const prepareInstallation = async (place: Place): Promise<string> => {
  const { folder, started, target, changes } = place;
  const systems = { ...started.systems, target: target.server.connection };
  const prepared = await prepareServices({ folder, systems, variables });
  const configFile = join(folder, "world.yaml");
  const config = parse(await readFile(prepared.configFile, "utf8")) as BaseConfig;
  await writeFile(
    configFile,
    stringify({ ...extended(config), ...changes }, { aliasDuplicateObjects: false }),
  );
  await rekeyCommand(["topics", "apply", "--config", configFile], { variables });
  return configFile;
};

interface BaseConfig {
  readonly issuers: Readonly<Record<string, unknown>>;
  readonly producers: Readonly<Record<string, unknown>>;
  readonly stores: Readonly<Record<"vault", { readonly options: VaultPlace }>>;
}

interface VaultPlace {
  readonly addresses: readonly string[];
  readonly auth: unknown;
}

const extended = (config: BaseConfig): Readonly<Record<string, unknown>> => {
  const { addresses, auth } = config.stores.vault.options;
  const kind = "vault-approle";
  const control = {
    settings: { role: "rekey-control" },
    store: {
      store: instances.store,
      document: `control/${instances.vault}`,
      fields: { SECRET_ID: "{secret}" },
    },
  };
  const vault = { kind, options: { addresses, auth }, control };
  const scanners = {
    gitleaks: { format: "gitleaks" },
    secretlint: { format: "secretlint" },
    push: { format: "native" },
  };
  return {
    ...config,
    issuers: { ...config.issuers, [instances.vault]: vault },
    producers: { ...config.producers, ...scanners },
  };
};

/** Starts two of each by default and waits until each is ready; when one does not get there, none is left. */
export const startInstallation = async (
  folder: string,
  configFile: string,
  replicas = replicasDefault,
): Promise<Installation> => {
  const starting = await Promise.allSettled(
    serviceKinds.map(async (kind) => await startKind({ folder, configFile, replicas, kind })),
  );
  const services = starting.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
  const stop = async (): Promise<void> => {
    await Promise.all(services.map(async (service) => await service.stop()));
  };
  const failed = starting.find((one) => one.status === "rejected");
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  const sockets = services.flatMap(({ socket }) => (socket === undefined ? [] : [socket]));
  return {
    folder,
    configFile,
    services,
    sockets,
    stop,
    rekey: async (words, stdin = "") =>
      await rekeyCommand(["--socket", sockets[0] ?? "", ...words], { variables, stdin }),
    of: (kind, replica) => {
      const found = services.find((one) => one.kind === kind && one.replica === replica);
      if (found === undefined) throw new TypeError(`there is no ${kind}-${replica}`);
      return found;
    },
    failpoint: (kind) => failpointFile(folder, kind),
  };
};

interface Kind {
  readonly folder: string;
  readonly configFile: string;
  readonly replicas: number;
  readonly kind: ServiceKind;
}

const startKind = async ({ kind, ...shared }: Kind): Promise<readonly ServiceProcess[]> => {
  const own = { [kindVariable]: kind, [failpointsVariable]: failpointFile(shared.folder, kind) };
  return await startServices({
    ...shared,
    kinds: [kind],
    variables: { ...variables, ...own },
    mainOf: () => main,
  });
};
