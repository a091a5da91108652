import { randomUUID } from "node:crypto";
import { acknowledgementType, consumerAlgorithm, heartbeatType } from "@rekey/contracts";
import type { ConsumerId, CredentialId, Instant } from "@rekey/domain";
import type { Secret } from "@rekey/secret";
import { SignJWT, importJWK, type JWK } from "jose";

const secondMs = 1_000;

/** Signs what one instance says, as compact JWS. */
export interface Signer {
  moved(version: number, sequence: number | undefined): Promise<string>;
  alive(version: number | undefined): Promise<string>;
}

export const createSigner = (options: {
  readonly id: ConsumerId;
  readonly instance: string;
  readonly credential: CredentialId;
  readonly signingKey: Secret;
  readonly now: () => Instant;
}): Signer => {
  const { id, instance, credential, signingKey, now } = options;
  const sign = async (typ: string, claims: Record<string, number | undefined>): Promise<string> => {
    const key = await importJWK(JSON.parse(signingKey.reveal()) as JWK, consumerAlgorithm);
    const shared = { iss: id, instance, credential, jti: randomUUID() };
    return new SignJWT({ ...shared, ...claims, iat: Math.floor(now() / secondMs) })
      .setProtectedHeader({ alg: consumerAlgorithm, typ })
      .sign(key);
  };
  return {
    moved: (version, sequence) => sign(acknowledgementType, { version, sequence }),
    alive: (version) => sign(heartbeatType, { version }),
  };
};
