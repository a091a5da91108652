import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ambientEnvironment, type Environment } from "../environment.ts";
import { StackFault } from "../fault.ts";
import { oldestFitting, versions } from "../versions.ts";

/** What may have to be installed before it can be started, or run. */
export const installedParts = ["kafka", "redis", "vault", "gitleaks"] as const;
export type InstalledPart = (typeof installedParts)[number];

/** How an installed program is started. */
export interface Located {
  readonly command: string;
  readonly version: string;
  /** Beside what every program gets. */
  readonly variables: Readonly<Record<string, string>>;
}

const versionMaxMs = 10_000;
const room = join(import.meta.dirname, "../..");

/** A file of this room, such as `vault/go.mod`. */
export const roomFile = (path: string): string => join(room, path);

/** Where a part is once it is installed. Folders are named by what they hold, so a new version is a new folder. */
export const installFolder = (cache: string, part: InstalledPart): string => {
  const { kafka, vault, gitleaks } = versions;
  const names = { kafka, redis: "packages", vault: `${vault}-${vaultModulesHash()}`, gitleaks };
  return join(cache, `${part}-${names[part]}`);
};

/** Undefined when it is not installed and none that fits is on the PATH. */
export const locate = (part: InstalledPart, environment: Environment): Located | undefined =>
  locators[part](environment);

/** Throws PART_MISSING with the command that installs it. */
export const requirePart = (part: InstalledPart, environment: Environment): Located => {
  const found = locate(part, environment);
  if (found !== undefined) return found;
  throw new StackFault("PART_MISSING", `${part} is not installed: ${installCommand([part])}`);
};

export const installCommand = (parts: readonly InstalledPart[]): string =>
  `npx -y pnpm@10 stack install --only ${parts.join()}`;

/** What `command` prints about its version, the numbers; undefined when it is not on the PATH. */
export const versionOnPath = (
  command: string,
  args: readonly string[],
  environment: Environment,
): readonly number[] | undefined => {
  try {
    const said = execFileSync(command, args, {
      env: environment.variables,
      encoding: "utf8",
      timeout: versionMaxMs,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const numbers = said.match(/(\d+)\.(\d+)(?:\.(\d+))?/);
    return numbers?.slice(1).map(Number);
  } catch {
    return undefined;
  }
};

/** The path of the scanner. Throws PART_MISSING. */
export const gitleaksBinary = (environment: Environment = ambientEnvironment()): string =>
  requirePart("gitleaks", environment).command;

/** The path of Vault's own program, which is its command line too. Throws PART_MISSING. */
export const vaultBinary = (environment: Environment = ambientEnvironment()): string =>
  requirePart("vault", environment).command;

/** Kafka's libraries as java's class path, for whoever runs its own client. Throws PART_MISSING. */
export const kafkaClassPath = (environment: Environment = ambientEnvironment()): string =>
  requirePart("kafka", environment).variables["CLASSPATH"] ?? "";

/** Java's own number, such as 17; undefined when there is none. */
export const javaVersion = (environment: Environment): number | undefined =>
  versionOnPath("java", ["--version"], environment)?.[0];

const locateKafka = ({ cache, ...environment }: Environment): Located | undefined => {
  const libraries = join(installFolder(cache, "kafka"), "libs");
  if (!existsSync(libraries)) return undefined;
  const java = javaVersion({ cache, ...environment });
  if (java === undefined || java < oldestFitting.java) return undefined;
  return { command: "java", version: versions.kafka, variables: { CLASSPATH: `${libraries}/*` } };
};

const locateRedis = (environment: Environment): Located | undefined => {
  const onPath = fitting("redis-server", "redis", environment);
  if (onPath !== undefined) return onPath;
  const folder = installFolder(environment.cache, "redis");
  const command = join(folder, "usr/bin/redis-server");
  if (!existsSync(command)) return undefined;
  const libraries = readFileSync(join(folder, "library-path"), "utf8").trim().split("\n");
  const variables = { LD_LIBRARY_PATH: libraries.map((path) => join(folder, path)).join(":") };
  const found = { ...environment, variables: { ...environment.variables, ...variables } };
  const version = versionOnPath(command, ["--version"], found);
  if (version === undefined || isOlder(version, oldestFitting.redis)) return undefined;
  return { command, version: version.join("."), variables };
};

const locateVault = (environment: Environment): Located | undefined => {
  const onPath = fitting("vault", "vault", environment);
  if (onPath !== undefined) return onPath;
  const command = join(installFolder(environment.cache, "vault"), "vault");
  return existsSync(command) ? { command, version: versions.vault, variables: {} } : undefined;
};

const locateGitleaks = ({ cache }: Environment): Located | undefined => {
  const command = join(installFolder(cache, "gitleaks"), "gitleaks");
  return existsSync(command) ? { command, version: versions.gitleaks, variables: {} } : undefined;
};

const locators = {
  kafka: locateKafka,
  redis: locateRedis,
  vault: locateVault,
  gitleaks: locateGitleaks,
} as const;

const fitting = (
  command: string,
  part: "redis" | "vault",
  environment: Environment,
): Located | undefined => {
  const version = versionOnPath(command, ["--version"], environment);
  if (version === undefined || isOlder(version, oldestFitting[part])) return undefined;
  return { command, version: version.join("."), variables: {} };
};

const isOlder = (version: readonly number[], oldest: readonly [number, number]): boolean => {
  const [major = 0, minor = 0] = version;
  return major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
};

const hashShown = 12;
const vaultModulesHash = (): string =>
  createHash("sha256")
    .update(readFileSync(roomFile("vault/go.sum")))
    .update(readFileSync(roomFile("vault/main.go")))
    .digest("hex")
    .slice(0, hashShown);
