import { execFile } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { EmbeddedPostgresFault } from "./fault.ts";

/** The user that the server's processes run as. */
export type ServerAccount = { readonly uid: number; readonly gid: number };

const accountName = "postgres";

/** Undefined for a normal user: the server runs as that user. PostgreSQL refuses to run as root. */
export async function serverAccount(): Promise<ServerAccount | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  return (await findAccount()) ?? (await createAccount());
}

/** The first folder on the way to `path` that the account may not enter. */
export async function closedFolder(
  path: string,
  account: ServerAccount | undefined,
): Promise<string | undefined> {
  if (account === undefined) return undefined;
  for (const folder of ancestors(path)) {
    const { mode, uid, gid } = await stat(folder);
    const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
    if (((mode >> shift) & 1) === 0) return folder;
  }
  return undefined;
}

async function findAccount(): Promise<ServerAccount | undefined> {
  const accounts = await readFile("/etc/passwd", "utf8").catch(() => "");
  const line = accounts.split("\n").find((entry) => entry.startsWith(`${accountName}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  return uid === undefined || gid === undefined
    ? undefined
    : { uid: Number(uid), gid: Number(gid) };
}

async function createAccount(): Promise<ServerAccount> {
  const run = promisify(execFile);
  try {
    await run("useradd", ["--system", "--user-group", "--no-create-home", accountName]).catch(() =>
      // BusyBox systems have adduser instead.
      run("adduser", ["-S", "-D", "-H", accountName]),
    );
  } catch (cause) {
    throw missingAccount(cause);
  }
  const account = await findAccount();
  if (account === undefined) throw missingAccount(undefined);
  return account;
}

function missingAccount(cause: unknown): EmbeddedPostgresFault {
  return new EmbeddedPostgresFault(
    "POSTGRES_ACCOUNT_MISSING",
    `PostgreSQL does not run as root and the user "${accountName}" could not be made: create it or run as a normal user`,
    { cause },
  );
}

function ancestors(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...ancestors(parent), path];
}
