import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { silentLog, startEmbeddedPostgres, type EmbeddedPostgres } from "@rekey/runtime";
import { keptPassword, startKafka, startRedis, startVault, type RunningStack } from "@rekey/stack";

/** Real parts of the bench's own, on free ports; the ledger and the target are servers apart. */
export interface Systems extends RunningStack {
  stop(): Promise<void>;
}

/** Starts all of them with fsync on; when one does not start, none is left. */
export const startSystems = async (folder: string): Promise<Systems> => {
  await mkdir(folder, { recursive: true });
  // Started by root, PostgreSQL runs as another user, who has to get to its own folder.
  await chmod(folder, 0o711);
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(stops.map(async (one) => await one()));
  };
  const kept = async <Part extends { stop(): Promise<void> }>(
    part: Promise<Part>,
  ): Promise<Part> => {
    const started = await part;
    stops.push(async () => await started.stop());
    return started;
  };
  const starting = [
    kept(startKafka({ folder: join(folder, "kafka") })),
    kept(startRedis({ folder: join(folder, "redis") })),
    kept(startVault({ folder: join(folder, "vault"), storage: "memory" })),
    kept(startServer(folder, "ledger")),
    kept(startServer(folder, "target")),
  ] as const;
  // Whatever fails, the others have to be known before they can be stopped.
  const failed = (await Promise.allSettled(starting)).find((one) => one.status === "rejected");
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  const [kafka, redis, vault, ledger, target] = await Promise.all(starting);
  return {
    kafka: { brokers: kafka.brokers },
    redis: { url: redis.url },
    vault: { address: vault.address, rootToken: vault.rootToken },
    postgres: ledger.connection,
    target: target.connection,
    stop,
  };
};

const startServer = async (folder: string, name: string): Promise<EmbeddedPostgres> =>
  await startEmbeddedPostgres({
    dataDir: join(folder, name),
    programsDir: join(folder, `${name}-programs`),
    password: await keptPassword(join(folder, `${name}.password`)),
    log: silentLog,
    fsync: true,
    settings: { max_connections: "200", log_min_error_statement: "panic" },
  });
