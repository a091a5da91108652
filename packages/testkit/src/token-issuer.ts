import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from "jose";

/** Who its tokens are for. */
const audience = "rekey";

/** An identity provider of one test: it signs tokens, and serves its keys on 127.0.0.1. */
export interface TokenIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly keysUrl: string;
  /** How often its keys were asked for. */
  readonly asked: () => number;
  /** Signed by its newest key, good for ten minutes; a claim that is undefined is left out. */
  token(claims: Readonly<Record<string, unknown>>, header?: { kid?: string }): Promise<string>;
  /** The next key takes over; the one before is no longer published. */
  rotate(): Promise<void>;
  /** The status it answers with from now on. */
  answers(status: number): void;
  keys(): { readonly keys: readonly JWK[] };
  close(): Promise<void>;
}

interface SigningKey {
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
  readonly kid: string;
}

export const openTokenIssuer = async (): Promise<TokenIssuer> => {
  let key = await newKey(1);
  let generation = 1;
  let status = 200;
  let asked = 0;
  const keys = () => ({ keys: [key.publicJwk] });
  const server = createServer((_request, response) => {
    asked += 1;
    response.writeHead(status, { "content-type": "application/jwk-set+json" });
    response.end(JSON.stringify(keys()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer: address,
    audience,
    keysUrl: `${address}/keys`,
    asked: () => asked,
    token: async (claims, { kid = key.kid } = {}) => {
      const now = Math.floor(Date.now() / 1_000);
      const times = { iat: now, exp: now + 600 };
      const whole = { iss: address, aud: audience, ...times, ...claims };
      return await new SignJWT(whole)
        .setProtectedHeader({ alg: "ES256", kid })
        .sign(key.privateKey);
    },
    rotate: async () => {
      generation += 1;
      key = await newKey(generation);
    },
    answers: (next) => {
      status = next;
    },
    keys,
    close: async () => await new Promise((resolve) => server.close(() => resolve())),
  };
};

const newKey = async (generation: number): Promise<SigningKey> => {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const kid = `key-${generation}`;
  return { privateKey, kid, publicJwk: { ...(await exportJWK(publicKey)), kid, alg: "ES256" } };
};
