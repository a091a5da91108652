import { Secret } from "@rekey/secret";
import { generateX25519Identity, identityToRecipient } from "age-encryption";

export interface SealingKeys {
  /** `AGE-SECRET-KEY-1…`: opens what was sealed to `recipient`. */
  readonly identity: Secret;
  /** `age1…`: public. */
  readonly recipient: string;
}

/** A new X25519 key pair for one reader, or for Rekey itself. */
export const generateSealingKeys = async (): Promise<SealingKeys> => {
  const identity = await generateX25519Identity();
  return { identity: Secret.fromUtf8(identity), recipient: await identityToRecipient(identity) };
};
