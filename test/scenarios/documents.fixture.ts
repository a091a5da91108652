import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { storeId, type Store } from "@rekey/domain";
import { systemClock } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import { storeCatalog } from "@rekey/stores";
import { Decrypter, generateX25519Identity } from "age-encryption";

/** Sealed documents in a folder of their own, and a reader that knows nothing of Rekey. */
export interface Documents {
  readonly store: Store;
  read(credential: string): Promise<{ username: string; password: string }>;
  close(): Promise<void>;
}

export const openDocuments = async (): Promise<Documents> => {
  const root = await mkdtemp(join(tmpdir(), "rekey-world-"));
  const identity = await generateX25519Identity();
  const { open, optionsSchema } = storeCatalog["sealed-file"];
  const store = open({
    instance: storeId("local"),
    options: optionsSchema.parse({ root, identities: ["env:AGE"] }),
    clock: systemClock,
    resolveSecret: async () => await Promise.resolve(Secret.fromUtf8(identity)),
  });
  return {
    store,
    read: async (credential) => {
      const reader = new Decrypter();
      reader.addIdentity(identity);
      const text = await reader.decrypt(await readFile(join(root, `${credential}.age`)), "text");
      return JSON.parse(text) as { username: string; password: string };
    },
    close: async () => {
      await store.close();
      await rm(root, { recursive: true, force: true });
    },
  };
};
