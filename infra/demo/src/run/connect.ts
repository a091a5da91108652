import { writeFile } from "node:fs/promises";
import type { Secret } from "@rekey/secret";
import type { Canary } from "@rekey/testkit/canary";

/** A key where its owner reads it; nobody else may. */
export const writeSecretFile = async (path: string, secret: Secret): Promise<void> =>
  await writeFile(path, secret.revealBytes(), { mode: 0o600 });

/** What must be nowhere but at the provider and in its store: the password of a connection string. */
export const canaryOf = (url: Secret): Canary => ({
  value: decodeURIComponent(new URL(url.reveal()).password),
  secret: url,
});
