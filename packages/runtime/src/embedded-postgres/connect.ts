import { chown, rm, writeFile } from "node:fs/promises";
import { Secret } from "@rekey/secret";
import type { ClientConfig } from "pg";
import type { ServerAccount } from "./account.ts";

export type ConnectionInfo = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password: Secret;
};

/** A connection string holds the password, so it is a secret itself. */
export function connectionUrl(info: ConnectionInfo): Secret {
  const password = encodeURIComponent(info.password.reveal());
  const address = `${info.host}:${info.port}/${encodeURIComponent(info.database)}`;
  return Secret.fromUtf8(`postgres://${encodeURIComponent(info.user)}:${password}@${address}`);
}

/** What `pg` connects with; the password is revealed at each connection, and nowhere kept as text. */
export function clientSettings(info: ConnectionInfo): ClientConfig {
  return { ...info, password: () => info.password.reveal() };
}

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
