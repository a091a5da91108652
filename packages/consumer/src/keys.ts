import { consumerAlgorithm } from "@rekey/contracts";
import { Secret } from "@rekey/secret";
import { generateSealingKeys, type SealingKeys } from "@rekey/stores";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from "jose";

export interface ConsumerKeys {
  readonly signing: {
    /** Private JWK as JSON text: `signingKey` of `openConsumer`. */
    readonly privateJwk: Secret;
    /** `signingKey` of the consumer in the inventory. */
    readonly publicJwk: JWK;
  };
  /** `identity` opens what is sealed to `recipient`, the `reader` of the consumer in the inventory. */
  readonly reading: SealingKeys;
}

/** New keys for one consumer. The private halves stay with the workload; Rekey only ever sees the public ones. */
export const generateConsumerKeys = async (): Promise<ConsumerKeys> => {
  const pair = await generateKeyPair(consumerAlgorithm, { crv: "Ed25519", extractable: true });
  const [publicKey, privateKey] = await Promise.all([
    exportJWK(pair.publicKey),
    exportJWK(pair.privateKey),
  ]);
  const shared = { kid: await calculateJwkThumbprint(publicKey), alg: consumerAlgorithm };
  return {
    signing: {
      privateJwk: Secret.fromUtf8(JSON.stringify({ ...privateKey, ...shared })),
      publicJwk: { ...publicKey, ...shared },
    },
    reading: await generateSealingKeys(),
  };
};
