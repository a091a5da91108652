import { writeFile } from "node:fs/promises";
import type { Secret } from "@rekey/secret";

/** A key where its owner reads it; nobody else may. */
export const writeSecretFile = async (path: string, secret: Secret): Promise<void> =>
  await writeFile(path, secret.revealBytes(), { mode: 0o600 });
