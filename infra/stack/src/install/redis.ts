import { readdir, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Environment } from "../environment.ts";
import { StackFault } from "../fault.ts";
import { installOnce, type Note } from "./install-once.ts";
import { installFolder, locate, versionOnPath } from "./locate.ts";
import { runTool } from "./run-tool.ts";

const aptMaxMs = 5 * 60_000;
// Debian's redis-server is a link to a program of redis-tools.
const wanted = ["redis-server", "redis-tools"];

/** Debian's and Ubuntu's own package, unpacked into the cache: no root, nothing of the system changes. */
export const installRedis = async (environment: Environment, note: Note): Promise<void> => {
  if (locate("redis", environment) !== undefined) return;
  if (versionOnPath("apt-get", ["--version"], environment) === undefined) throw missing("");
  const target = installFolder(environment.cache, "redis");
  await installOnce(target, (folder) => unpackInto(folder, environment, note), note);
  if (locate("redis", environment) === undefined)
    throw missing(`, and what this system's packages have in ${target} is older`);
};

const unpackInto = async (folder: string, environment: Environment, note: Note): Promise<void> => {
  const run = (command: string, ...args: string[]): Promise<string> =>
    runTool({ command, args, folder, environment, variables: { LC_ALL: "C" }, maxMs: aptMaxMs });
  note("asking the package lists");
  await ensureLists(run);
  const names = new Set([...wanted, ...(await notInstalled(run))]);
  note(`downloading ${names.size} packages`);
  await run("apt-get", "-q", "download", ...names);
  const files = (await readdir(folder)).filter((name) => name.endsWith(".deb"));
  for (const file of files) {
    await run("dpkg-deb", "-x", file, ".");
    await rm(join(folder, file));
  }
  await writeFile(join(folder, "library-path"), (await libraryFolders(folder)).join("\n"));
};

type Run = (command: string, ...args: string[]) => Promise<string>;

const ensureLists = async (run: Run): Promise<void> => {
  if (await hasCandidate(run)) return;
  if (process.getuid?.() === 0) await run("apt-get", "-q", "update");
  if (await hasCandidate(run)) return;
  throw missing("; the package lists of this system do not name it, `apt-get update` may help");
};

const hasCandidate = async (run: Run): Promise<boolean> =>
  /Candidate: \d/.test(await run("apt-cache", "policy", "redis-server"));

/** What an installation would add, redis-server's dependencies among it. */
const notInstalled = async (run: Run): Promise<string[]> => {
  const plan = await run("apt-get", "install", "-s", "--no-install-recommends", "redis-server");
  return [...plan.matchAll(/^Inst (\S+)/gm)].flatMap(([, name]) => name ?? []);
};

const libraryFolders = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const libraries = entries.filter(({ name }) => /\.so(\.\d+)*$/.test(name));
  const folders = libraries.map((entry) => relative(folder, entry.parentPath));
  // Deeper ones hold a library's own plug-ins.
  return [...new Set(folders)].filter((path) => /^(usr\/)?lib(\/[^/]+)?$/.test(path));
};

const missing = (more: string): StackFault =>
  new StackFault(
    "PART_MISSING",
    `no Redis 7 or later is on the PATH${more}: install the package redis-server (Debian, Ubuntu) or redis (Homebrew)`,
  );
