import { chmod, mkdir, realpath, stat } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Secret } from "@rekey/secret";
import type { Log } from "../logger/log.ts";
import { connectionUrl } from "../postgres/connect.ts";
import type { ConnectionParts } from "../postgres/connect.ts";
import { closedFolder, serverAccount } from "./account.ts";
import type { ServerAccount } from "./account.ts";
import { findBinaries } from "./binaries.ts";
import { ensureCluster } from "./cluster.ts";
import { EmbeddedPostgresFault } from "./fault.ts";
import { removeOrphan, stopServer, waitForBackends } from "./orphan.ts";
import { claimFolder } from "./ownership.ts";
import { startServerProcess } from "./server-process.ts";
import type { ServerProcess } from "./server-process.ts";

export type EmbeddedPostgresOptions = {
  /** Kept and used again; made if absent. One live process at a time. */
  readonly dataDir: string;
  /** 0 (default) takes a free one. */
  readonly port?: number;
  /** The superuser's, set when the folder is made: later starts must bring the same. */
  readonly password: Secret;
  readonly log: Log;
  /** Each line that the server logs. */
  readonly onLine?: (line: string) => void;
  /** Off only in tests: a crash of the machine then loses data. */
  readonly fsync?: boolean;
  /** For tests and demonstrations, on Linux: it ends with this process, however that ends. Otherwise the next start on the folder ends it. */
  readonly endsWithOwner?: boolean;
  /** Where the server's programs are copied if its user cannot enter the checkout; below `dataDir` by default. */
  readonly programsDir?: string;
  /** Settings of postgresql.conf, such as max_connections. */
  readonly settings?: Readonly<Record<string, string>>;
};

export type EmbeddedPostgres = {
  readonly connection: ConnectionParts;
  /** The connection string of a database of this server, by default of `postgres`. */
  url(database?: string): Secret;
  pid(): number;
  /** Resolves when the running server process ends, asked or not. */
  ended(): Promise<void>;
  /** Fast stop by pid, within 5 s; the folder is free afterwards. Safe to repeat. */
  stop(): Promise<void>;
  /** Stops if running, starts on the same port. Also after `kill`. */
  restart(): Promise<void>;
  /** As kill -9 of the server; the folder stays claimed. */
  kill(): Promise<void>;
};

const user = "postgres";
const portAttemptsMax = 5;
// A killed server still keeps what it committed (commits stay synchronous); a killed machine not.
const unsafeSettings = { fsync: "off", full_page_writes: "off" };

/** A real PostgreSQL 18 as a child of this process, on 127.0.0.1 only. */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  await mkdir(options.dataDir, { recursive: true, mode: 0o755 });
  const dataDir = await realpath(options.dataDir);
  const account = await serverAccount();
  if (account !== undefined) await openToServer(dataDir, account);
  const claim = await claimFolder(dataDir);
  try {
    const launch = await prepare({ ...options, dataDir }, account);
    return await supervise(options, { ...launch, release: () => claim.release() });
  } catch (error) {
    await claim.release();
    throw error;
  }
}

type Launch = {
  readonly cluster: string;
  /** Starts the server; 0 takes a free port. Answers which port it got. */
  start(port: number): Promise<{ server: ServerProcess; port: number }>;
};

async function prepare(
  options: EmbeddedPostgresOptions,
  account: ServerAccount | undefined,
): Promise<Launch> {
  const { dataDir, password, log, fsync = true } = options;
  const binaries = await findBinaries(options.programsDir ?? join(dataDir, "programs"), account);
  const cluster = await ensureCluster({ dataDir, password, user, fsync, binaries, account });
  if ((await removeOrphan(cluster)) === "stopped") {
    log.warn("stopped a database server whose owner had died", { component: "postgres" });
  }
  const settings = { ...(fsync ? {} : unsafeSettings), ...options.settings };
  const { endsWithOwner = false } = options;
  const shared = { postgres: binaries.postgres, cluster, account, settings, endsWithOwner };
  const start = (port: number) =>
    startServerProcess({ ...shared, port, onLine: options.onLine ?? (() => {}) });
  return { cluster, start: (port) => startOnPort(port, start) };
}

async function supervise(
  options: EmbeddedPostgresOptions,
  launch: Launch & { release(): Promise<void> },
): Promise<EmbeddedPostgres> {
  let { server, port } = await launch.start(options.port ?? 0);
  const { password, log } = options;
  const connection = { host: "127.0.0.1", port, user, database: "postgres", password };
  // The last resort where somebody calls process.exit: a fast stop goes on without us.
  const atExit = () => {
    if (server.isAlive()) process.kill(server.pid, "SIGINT");
  };
  process.once("exit", atExit);
  const stopProcess = async () => {
    await stopServer(server);
    await waitForBackends(launch.cluster);
  };
  log.info("database server started", { component: "postgres", pid: server.pid, port });
  return {
    connection,
    url: (database = connection.database) => connectionUrl({ ...connection, database }),
    pid: () => server.pid,
    ended: () => server.ended,
    stop: async () => {
      process.off("exit", atExit);
      await stopProcess();
      await launch.release();
      log.info("database server stopped", { component: "postgres", pid: server.pid, port });
    },
    restart: async () => {
      await stopProcess();
      ({ server, port } = await launch.start(port));
    },
    kill: async () => {
      if (server.isAlive()) process.kill(server.pid, "SIGKILL");
      await server.ended;
    },
  };
}

async function startOnPort(
  wanted: number,
  start: (port: number) => Promise<ServerProcess>,
): Promise<{ server: ServerProcess; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = wanted === 0 ? await freePort() : wanted;
    try {
      return { server: await start(port), port };
    } catch (error) {
      // Between finding a free port and using it somebody else may have taken it.
      const taken = error instanceof EmbeddedPostgresFault && error.code === "POSTGRES_PORT_IN_USE";
      if (!taken || wanted !== 0 || attempt === portAttemptsMax) throw error;
    }
  }
}

async function freePort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve, reject) => {
    listener.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const { port } = listener.address() as AddressInfo;
  await new Promise((resolve) => listener.close(resolve));
  return port;
}

async function openToServer(dataDir: string, account: ServerAccount): Promise<void> {
  // The folder itself is ours to open, for passing through only: what is in it has its own mode.
  const { mode } = await stat(dataDir);
  await chmod(dataDir, mode | 0o011);
  const closed = await closedFolder(dataDir, account);
  if (closed === undefined) return;
  throw new EmbeddedPostgresFault(
    "POSTGRES_FOLDER_UNREACHABLE",
    `started by root the database runs as another user, who may not enter ${closed}: choose a database folder outside it, for example below /var/lib`,
  );
}

/** For test runs: ends the server that a killed process left in `dataDir`; false when its owner lives. */
export async function stopOrphan(dataDir: string): Promise<boolean> {
  const claim = await claimFolder(dataDir).catch(() => undefined);
  if (claim === undefined) return false;
  try {
    await removeOrphan(join(await realpath(dataDir), "cluster"));
    return true;
  } finally {
    await claim.release();
  }
}
