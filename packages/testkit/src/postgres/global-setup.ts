import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog, startEmbeddedPostgres } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import type { TestProject } from "vitest/node";
import { plainUrl } from "./connect.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Connection string of the superuser of the run's one server. */
    adminUrl: string;
  }
}

/** One real PostgreSQL for a whole integration run; vitest calls the teardown on failure too. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), "rekey-run-"));
  const server = await startEmbeddedPostgres({
    dataDir,
    password: Secret.fromUtf8(randomBytes(16).toString("hex")),
    log: silentLog,
    fsync: false,
    settings: { max_connections: "300", shared_buffers: "256MB", max_wal_size: "4GB" },
  });
  project.provide("adminUrl", plainUrl(server.url()));
  return async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
