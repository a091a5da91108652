import { chown, rm, writeFile } from "node:fs/promises";
import type { Secret } from "@rekey/secret";
import type { ServerAccount } from "./account.ts";

/** initdb takes the password only from a file; it exists while `use` runs. */
export async function withPasswordFile(
  options: { readonly file: string; readonly password: Secret; readonly account?: ServerAccount },
  use: (file: string) => Promise<void>,
): Promise<void> {
  const { file, account } = options;
  try {
    await writeFile(file, options.password.revealBytes(), { mode: 0o600 });
    if (account !== undefined) await chown(file, account.uid, account.gid);
    await use(file);
  } finally {
    await rm(file, { force: true });
  }
}
