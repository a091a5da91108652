import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { silentLog, startEmbeddedPostgres, type EmbeddedPostgres } from "@rekey/runtime";
import {
  allOrNone,
  keptPassword,
  startKafka,
  startRedis,
  startVault,
  type RunningStack,
} from "@rekey/stack";

/** Real parts of the bench's own, on free ports; the ledger and the target are servers apart. */
export interface Systems extends RunningStack {
  stop(): Promise<void>;
}

/** Starts all of them with fsync on; when one does not start, none is left. */
export const startSystems = async (folder: string): Promise<Systems> => {
  await mkdir(folder, { recursive: true });
  // Started by root, PostgreSQL runs as another user, who has to get to its own folder.
  await chmod(folder, 0o711);
  const parts = await allOrNone(
    [
      startKafka({ folder: join(folder, "kafka") }),
      startRedis({ folder: join(folder, "redis") }),
      startVault({ folder: join(folder, "vault"), storage: "memory" }),
      startServer(folder, "ledger"),
      startServer(folder, "target"),
    ],
    async (part) => await part.stop(),
  );
  const [kafka, redis, vault, ledger, target] = parts;
  return {
    kafka: { brokers: kafka.brokers },
    redis: { url: redis.url },
    vault: { address: vault.address, rootToken: vault.rootToken },
    postgres: ledger.connection,
    target: target.connection,
    stop: async () => {
      await Promise.all(parts.map(async (part) => await part.stop()));
    },
  };
};

const startServer = async (folder: string, name: string): Promise<EmbeddedPostgres> =>
  await startEmbeddedPostgres({
    dataDir: join(folder, name),
    programsDir: join(folder, `${name}-programs`),
    password: await keptPassword(join(folder, `${name}.password`)),
    log: silentLog,
    fsync: true,
    endsWithOwner: true,
    settings: { max_connections: "200", log_min_error_statement: "panic" },
  });
