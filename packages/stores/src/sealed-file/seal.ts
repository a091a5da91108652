import type { Secret } from "@rekey/secret";
import { Decrypter, Encrypter, armor, identityToRecipient } from "age-encryption";
import { storeFault } from "./faults.ts";

/** Rekey's own keys at this store: the first one seals, all of them open. */
export type Identities = () => Promise<readonly Secret[]>;

export interface Sealer {
  /** Encrypts to the given recipients and to Rekey's own. */
  seal(text: string, recipients: readonly string[]): Promise<Uint8Array>;
  /** STORE_REJECTED when no identity opens it, or it is no UTF-8 text. */
  open(bytes: Uint8Array): Promise<string>;
}

const armored = "-----BEGIN AGE ENCRYPTED FILE-----";
const isRecipient = /^age1[a-z0-9]{40,2500}$/;

/** Seals with age (https://age-encryption.org/v1). */
export const createSealer = (identities: Identities): Sealer => ({
  seal: async (text, recipients) => {
    const [own] = await keysOf(identities);
    if (own === undefined) throw storeFault("STORE_REJECTED", "no-identity");
    const encrypter = new Encrypter();
    for (const recipient of new Set([await recipientOf(own), ...recipients])) {
      addRecipient(encrypter, recipient);
    }
    return encrypter.encrypt(text);
  },
  open: async (bytes) => decryptText(bytes, await keysOf(identities)),
});

/** Opens one sealed file. The identity may be a key file of `age-keygen`, comments included. */
export const openSealed = async (bytes: Uint8Array, identity: Secret): Promise<string> =>
  decryptText(bytes, await keysOf(async () => [identity]));

const decryptText = async (bytes: Uint8Array, keys: readonly string[]): Promise<string> => {
  try {
    const decrypter = new Decrypter();
    for (const key of keys) decrypter.addIdentity(key);
    const plain = await decrypter.decrypt(withoutArmor(bytes));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(plain);
  } catch {
    throw storeFault("STORE_REJECTED", "undecryptable");
  }
};

const withoutArmor = (bytes: Uint8Array): Uint8Array => {
  const start = Buffer.from(bytes.subarray(0, armored.length)).toString("latin1");
  return start === armored ? armor.decode(Buffer.from(bytes).toString("latin1")) : bytes;
};

const keysOf = async (identities: Identities): Promise<readonly string[]> => {
  const texts = (await identities()).map((identity) => identity.reveal());
  return texts.flatMap((text) => text.split(/\r?\n/)).flatMap((line) => keyOf(line.trim()));
};

const keyOf = (line: string): readonly string[] =>
  line === "" || line.startsWith("#") ? [] : [line];

const recipientOf = async (key: string): Promise<string> => {
  try {
    return await identityToRecipient(key);
  } catch {
    throw storeFault("STORE_REJECTED", "bad-identity");
  }
};

const addRecipient = (encrypter: Encrypter, recipient: string): void => {
  try {
    if (!isRecipient.test(recipient)) throw new TypeError("not a recipient");
    encrypter.addRecipient(recipient);
  } catch {
    throw storeFault("STORE_REJECTED", "bad-reader");
  }
};
