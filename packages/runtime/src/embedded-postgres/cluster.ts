import { spawn } from "node:child_process";
import { chown, mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import type { Secret } from "@rekey/secret";
import type { ServerAccount } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import { withPasswordFile } from "./connect.ts";
import { EmbeddedPostgresFault } from "./fault.ts";

export type ClusterOptions = {
  readonly dataDir: string;
  readonly password: Secret;
  readonly user: string;
  readonly fsync: boolean;
  readonly binaries: Binaries;
  readonly account: ServerAccount | undefined;
};

const majorVersion = "18";
const outputMax = 4_000;

// Nothing of this process' environment reaches the server: no PG* variable changes what it does.
export const serverEnvironment = { LC_ALL: "C", TZ: "UTC" };

/** Makes the cluster unless it is there; one that was interrupted half way is made again. */
export async function ensureCluster(options: ClusterOptions): Promise<string> {
  const cluster = join(options.dataDir, "cluster");
  const found = await readFile(join(cluster, "PG_VERSION"), "utf8").catch(() => undefined);
  if (found === undefined) await makeCluster(cluster, options);
  else if (found.trim() !== majorVersion) throw otherVersion(cluster, found.trim());
  return cluster;
}

async function makeCluster(cluster: string, options: ClusterOptions): Promise<void> {
  const unfinished = `${cluster}.unfinished`;
  const { account, password } = options;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  if (account !== undefined) await chown(unfinished, account.uid, account.gid);
  const file = join(options.dataDir, "password.unfinished");
  await withPasswordFile({ file, password, ...(account && { account }) }, async (passwordFile) => {
    await runInitdb(options, [`--pgdata=${unfinished}`, `--pwfile=${passwordFile}`]);
  });
  await rename(unfinished, cluster);
}

async function runInitdb(options: ClusterOptions, folders: readonly string[]): Promise<void> {
  const flags = [
    `--username=${options.user}`,
    // The default of the npm package sends the password in clear.
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    // The same order of texts on every machine.
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
    ...(options.fsync ? [] : ["--no-sync"]),
  ];
  const child = spawn(options.binaries.initdb, [...folders, ...flags], {
    ...options.account,
    cwd: options.dataDir,
    env: serverEnvironment,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output = (output + text).slice(-outputMax);
  });
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once("exit", resolve).once("error", reject);
  });
  const code = await exit.catch((cause: unknown) => {
    throw initdbFailed("it could not be started", cause);
  });
  await finished(child.stderr);
  if (code !== 0) throw initdbFailed(`exit code ${code}: ${output.trim()}`, undefined);
}

function initdbFailed(reason: string, cause: unknown): EmbeddedPostgresFault {
  return new EmbeddedPostgresFault("POSTGRES_INITDB_FAILED", `initdb failed, ${reason}`, { cause });
}

function otherVersion(cluster: string, found: string): EmbeddedPostgresFault {
  return new EmbeddedPostgresFault(
    "POSTGRES_VERSION_MISMATCH",
    `${cluster} was made by PostgreSQL ${found}, this is PostgreSQL ${majorVersion}: dump and restore, or choose another folder`,
  );
}
