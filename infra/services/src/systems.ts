import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { silentLog, startEmbeddedPostgres, type EmbeddedPostgres } from "@rekey/runtime";
import {
  allOrNone,
  keptPassword,
  startKafka,
  startKafkaCluster,
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
  /** Of Kafka, without a login; a single one by default. */
  readonly brokers?: number;
}

/** Systems of a test's own, on free ports: they end with this process at the latest. */
export interface StartedSystems {
  /** As `prepareServices` wants them. */
  readonly systems: RunningStack;
  /** The first of its nodes. */
  readonly kafka: RunningKafka;
  readonly kafkaNodes: readonly RunningKafka[];
  readonly redis: RunningRedis;
  readonly vault: RunningVault;
  /** One server for the ledger and for the roles that are credentials. */
  readonly postgres: EmbeddedPostgres;
  stop(): Promise<void>;
}

/** Starts Kafka, Redis, Vault and a PostgreSQL; when one does not start, none is left. */
export const startSystems = async ({
  folder,
  ...kafkaWanted
}: SystemsOptions): Promise<StartedSystems> => {
  await mkdir(folder, { recursive: true });
  // Started by root, PostgreSQL runs as another user, who has to get to its own folder.
  await chmod(folder, 0o711);
  const parts = await allOrNone(
    [
      openKafka(join(folder, "kafka"), kafkaWanted),
      startRedis({ folder: join(folder, "redis") }),
      startVault({ folder: join(folder, "vault"), storage: "raft" }),
      openPostgres(folder),
    ],
    async (part) => await part.stop(),
  );
  const [{ nodes: kafkaNodes, access }, redis, vault, postgres] = parts;
  const [kafka] = kafkaNodes;
  const stop = async (): Promise<void> => {
    await Promise.all(parts.map(async (part) => await part.stop()));
  };
  const systems = systemsOf(access, { redis, vault, postgres });
  return { systems, kafka, kafkaNodes, redis, vault, postgres, stop };
};

const systemsOf = (
  kafka: RunningStack["kafka"],
  { redis, vault, postgres }: Pick<StartedSystems, "redis" | "vault" | "postgres">,
): RunningStack => {
  const superuser = postgres.connection;
  return { kafka, redis, vault, postgres: superuser, target: superuser };
};

interface OpenedKafka {
  readonly nodes: readonly [RunningKafka, ...RunningKafka[]];
  readonly access: RunningStack["kafka"];
  stop(): Promise<void>;
}

const openKafka = async (
  folder: string,
  { sasl = false, brokers = 1 }: Pick<SystemsOptions, "sasl" | "brokers">,
): Promise<OpenedKafka> => {
  if (brokers > 1) return await openCluster(folder, brokers);
  if (!sasl) {
    const part = await startKafka({ folder });
    return { nodes: [part], access: { brokers: part.brokers }, stop: () => part.stop() };
  }
  const part = await startSecuredKafka({ folder });
  const users = { admin: await part.credentials("admin"), rekey: await part.credentials("rekey") };
  const access = { brokers: part.brokers, sasl: users };
  return { nodes: [part], access, stop: () => part.stop() };
};

const openCluster = async (folder: string, brokers: number): Promise<OpenedKafka> => {
  const cluster = await startKafkaCluster({ folder, brokers });
  const [first, ...others] = cluster.nodes;
  if (first === undefined) throw new RangeError("a cluster has a node");
  const access = { brokers: cluster.brokers };
  return { nodes: [first, ...others], access, stop: () => cluster.end() };
};

const openPostgres = async (folder: string): Promise<EmbeddedPostgres> =>
  await startEmbeddedPostgres({
    dataDir: join(folder, "postgres"),
    programsDir: join(folder, "postgres-programs"),
    password: await keptPassword(join(folder, "postgres.password")),
    log: silentLog,
    endsWithOwner: true,
    settings: { max_connections: "300", log_min_error_statement: "panic" },
  });
