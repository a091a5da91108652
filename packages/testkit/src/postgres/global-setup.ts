import { randomBytes } from "node:crypto";
import { access, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog, startEmbeddedPostgres, stopOrphan } from "@rekey/runtime";
import type { EmbeddedPostgres } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import type { TestProject } from "vitest/node";
import { plainUrl } from "./connect.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Connection string of the superuser of the run's one server. */
    adminUrl: string;
    /** One copy of the server's programs for all servers of the run, where a copy is needed. */
    programsDir: string;
  }
}

const prefix = "rekey-run-";
const prefixes = [prefix, "rekey-server-"];

/** One real PostgreSQL for a whole integration run; vitest calls the teardown on failure too. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeDeadRuns();
  const dataDir = await mkdtemp(join(tmpdir(), prefix));
  const programsDir = join(dataDir, "programs");
  const remove = () => rm(dataDir, { recursive: true, force: true });
  const server = await start(dataDir, programsDir).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  project.provide("adminUrl", plainUrl(server.url()));
  project.provide("programsDir", programsDir);
  return async () => {
    await server.stop();
    await remove();
  };
}

function start(dataDir: string, programsDir: string): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({
    dataDir,
    programsDir,
    password: Secret.fromUtf8(randomBytes(16).toString("hex")),
    log: silentLog,
    fsync: false,
    endsWithOwner: true,
    settings: { max_connections: "300", shared_buffers: "256MB", max_wal_size: "4GB" },
  });
}

// A run that was killed could not stop its server.
async function removeDeadRuns(): Promise<void> {
  const folders = (await readdir(tmpdir())).filter((name) => {
    return prefixes.some((known) => name.startsWith(known));
  });
  for (const folder of folders.map((name) => join(tmpdir(), name))) {
    // Without the file a run has only begun to make its folder, or has stopped its server.
    const owned = await access(join(folder, "owner")).then(
      () => true,
      () => false,
    );
    if (owned && (await stopOrphan(folder))) await rm(folder, { recursive: true, force: true });
  }
}
