import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateConsumerKeys } from "@rekey/consumer";
import { credentialId } from "@rekey/domain";
import type { Secret } from "@rekey/secret";
import { documentPath, generateSealingKeys, openSealedReader } from "@rekey/stores";
import { consumers, control, urlField, type DemoCredential, type PublicKeys } from "./inventory.ts";
import { writeSecretFile } from "./connect.ts";

/** The keys of every consumer, and the one that Rekey seals with. */
export interface Keyring {
  readonly publicKeys: ReadonlyMap<string, PublicKeys>;
  readonly storeKey: string;
  readonly readingKey: (consumer: string) => string;
  readonly signingKey: (consumer: string) => string;
  readonly bearer: string;
  /** The connection string as the credential's own consumer reads it now; undefined while there is none. */
  read(credential: DemoCredential): Promise<StoredValue | undefined>;
  /** The control credential's, which is sealed to Rekey alone. */
  readControl(): Promise<StoredValue | undefined>;
  /** Every value that was ever read here, leaked, new or dead. */
  seen(): readonly SeenValue[];
}

export interface SeenValue {
  /** `credential#version`. */
  readonly name: string;
  readonly url: Secret;
}

interface StoredValue {
  readonly url: Secret;
  readonly version: number;
}

/** Makes every key and writes the private halves where the consumers look for them. */
export const makeKeyring = async (folder: string, documents: string): Promise<Keyring> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = (name: string): string => join(folder, name);
  const publicKeys = new Map<string, PublicKeys>();
  const identities = new Map<string, Secret>();
  for (const { id } of consumers) {
    const { signing, reading } = await generateConsumerKeys();
    await writeSecretFile(file(`${id}.signing.jwk`), signing.privateJwk);
    await writeSecretFile(file(`${id}.reading.age`), reading.identity);
    const { kid: _kid, ...signingKey } = signing.publicJwk;
    publicKeys.set(id, { signingKey: { ...signingKey }, reader: reading.recipient });
    identities.set(id, reading.identity);
  }
  const seen: SeenValue[] = [];
  const read = async (options: ReadOptions): Promise<StoredValue | undefined> => {
    const value = await readValue(options);
    if (value !== undefined && !seen.some(({ url }) => url.equals(value.url)))
      seen.push({ name: `${options.credential}#${value.version}`, url: value.url });
    return value;
  };
  const store = await generateSealingKeys();
  await writeSecretFile(file("store.age"), store.identity);
  await writeFile(file("bearer"), "the socket says who calls", { mode: 0o600 });
  return {
    publicKeys,
    storeKey: file("store.age"),
    readingKey: (consumer) => file(`${consumer}.reading.age`),
    signingKey: (consumer) => file(`${consumer}.signing.jwk`),
    bearer: file("bearer"),
    read: async ({ id, consumers: users }) => {
      const identity = identities.get(users[0] ?? "");
      return identity && (await read({ documents, document: id, credential: id, identity }));
    },
    readControl: () => read({ documents, ...control, identity: store.identity }),
    seen: () => [...seen],
  };
};

interface ReadOptions {
  readonly documents: string;
  readonly document: string;
  readonly credential: string;
  readonly identity: Secret;
}

const readValue = async (options: ReadOptions): Promise<StoredValue | undefined> => {
  const reading = await openSealedReader({
    path: documentPath(options.documents, options.document),
    credential: credentialId(options.credential),
    fields: [urlField],
    identity: async () => options.identity,
  }).read();
  const url = reading?.fields[urlField];
  return reading === undefined || url === undefined ? undefined : { url, version: reading.version };
};
