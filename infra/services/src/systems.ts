import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { silentLog, startEmbeddedPostgres, type EmbeddedPostgres } from "@rekey/runtime";
import {
  allOrNone,
  keptPassword,
  startKafka,
  startRedis,
  startSecuredKafka,
  startVault,
  type RunningKafka,
  type RunningRedis,
  type RunningStack,
  type RunningVault,
} from "@rekey/stack";

export interface SystemsOptions {
  /** Data, keys and logs of all of them. */
  readonly folder: string;
  /** Kafka with a login and access lists, as production has it. */
  readonly sasl?: boolean;
}

/** Systems of a test's own, on free ports: they end with this process at the latest. */
export interface StartedSystems {
  /** As `prepareServices` wants them. */
  readonly systems: RunningStack;
  readonly kafka: RunningKafka;
  readonly redis: RunningRedis;
  readonly vault: RunningVault;
  /** One server for the ledger and for the roles that are credentials. */
  readonly postgres: EmbeddedPostgres;
  stop(): Promise<void>;
}

/** Starts Kafka, Redis, Vault and a PostgreSQL; when one does not start, none is left. */
export const startSystems = async ({
  folder,
  sasl = false,
}: SystemsOptions): Promise<StartedSystems> => {
  await mkdir(folder, { recursive: true });
  // Started by root, PostgreSQL runs as another user, who has to get to its own folder.
  await chmod(folder, 0o711);
  const parts = await allOrNone(
    [
      openKafka(join(folder, "kafka"), sasl),
      startRedis({ folder: join(folder, "redis") }),
      startVault({ folder: join(folder, "vault"), storage: "raft" }),
      openPostgres(folder),
    ],
    async (part) => await part.stop(),
  );
  const [{ part: kafka, access }, redis, vault, postgres] = parts;
  const stop = async (): Promise<void> => {
    await Promise.all(parts.map(async (part) => await part.stop()));
  };
  const systems = systemsOf(access, { redis, vault, postgres });
  return { systems, kafka, redis, vault, postgres, stop };
};

const systemsOf = (
  kafka: RunningStack["kafka"],
  { redis, vault, postgres }: Pick<StartedSystems, "redis" | "vault" | "postgres">,
): RunningStack => {
  const superuser = postgres.connection;
  return { kafka, redis, vault, postgres: superuser, target: superuser };
};

interface OpenedKafka {
  readonly part: RunningKafka;
  readonly access: RunningStack["kafka"];
  stop(): Promise<void>;
}

const openKafka = async (folder: string, isSecured: boolean): Promise<OpenedKafka> => {
  if (!isSecured) {
    const part = await startKafka({ folder });
    return { part, access: { brokers: part.brokers }, stop: () => part.stop() };
  }
  const part = await startSecuredKafka({ folder });
  const sasl = { admin: await part.credentials("admin"), rekey: await part.credentials("rekey") };
  return { part, access: { brokers: part.brokers, sasl }, stop: () => part.stop() };
};

const openPostgres = async (folder: string): Promise<EmbeddedPostgres> =>
  await startEmbeddedPostgres({
    dataDir: join(folder, "postgres"),
    programsDir: join(folder, "postgres-programs"),
    password: await keptPassword(join(folder, "postgres.password")),
    log: silentLog,
    settings: { max_connections: "300", log_min_error_statement: "panic" },
  });
