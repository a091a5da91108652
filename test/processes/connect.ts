import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { credentialId } from "@rekey/domain";
import type { Secret } from "@rekey/secret";
import { documentPath, generateSealingKeys, openSealedReader } from "@rekey/stores";

/** A connection string as its consumer reads it, in the clear: a test logs in with it, or leaks it. */
export interface HeldValue {
  readonly url: string;
  readonly version: number;
}

/** The keys of one sealed-file store, and a reader that knows nothing of Rekey. */
export interface Sealing {
  /** Holds the identity that Rekey seals with. */
  readonly keyFile: string;
  read(credential: string): Promise<HeldValue | undefined>;
}

export const urlField = "DATABASE_URL";

export const makeSealing = async (folder: string, documents: string): Promise<Sealing> => {
  const keys = await generateSealingKeys();
  const keyFile = join(folder, "store.age");
  await writeFile(keyFile, keys.identity.revealBytes(), { mode: 0o600 });
  const identity = async (): Promise<Secret> => keys.identity;
  return {
    keyFile,
    read: async (credential) => {
      const path = documentPath(documents, credential);
      const reader = openSealedReader({
        path,
        credential: credentialId(credential),
        fields: [urlField],
        identity,
      });
      const reading = await reader.read();
      const url = reading?.fields[urlField];
      return reading === undefined || url === undefined
        ? undefined
        : { url: url.reveal(), version: reading.version };
    },
  };
};
