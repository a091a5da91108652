import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog, startEmbeddedPostgres } from "@rekey/runtime";
import type { ConnectionParts } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import { inject } from "vitest";
import { plainUrl } from "./connect.ts";

export type DedicatedServer = {
  readonly dataDir: string;
  readonly connection: ConnectionParts;
  /** Connection string of the superuser. */
  url(database?: string): string;
  pid(): number;
  restart(): Promise<void>;
  kill(): Promise<void>;
  /** Stops it and removes its data. */
  dispose(): Promise<void>;
};

export type DedicatedServerOptions = {
  readonly settings?: Readonly<Record<string, string>>;
  readonly onLine?: (line: string) => void;
};

/**
 * A server for one test, in about half a second: for tests that restart or kill it, and for
 * rotation targets, as roles belong to a whole server. What it committed outlives `kill`.
 */
export async function dedicatedServer(
  options: DedicatedServerOptions = {},
): Promise<DedicatedServer> {
  const dataDir = await mkdtemp(join(tmpdir(), "rekey-server-"));
  const server = await startEmbeddedPostgres({
    ...options,
    dataDir,
    programsDir: inject("programsDir") ?? join(dataDir, "programs"),
    password: Secret.fromUtf8(randomBytes(16).toString("hex")),
    log: silentLog,
    fsync: false,
    endsWithOwner: true,
  });
  return {
    dataDir,
    connection: server.connection,
    url: (database) => plainUrl(server.url(database)),
    pid: () => server.pid(),
    restart: () => server.restart(),
    kill: () => server.kill(),
    dispose: async () => {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
