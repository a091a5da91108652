import { acknowledgementType, statementEvent, topicNames } from "@rekey/contracts";
import { generateKeyPair, importJWK, SignJWT, type JWK } from "jose";
import { paymentsDb } from "./inventory.fixture.ts";
import { cloudEvent } from "./kafka.fixture.ts";
import type { World } from "./world.fixture.ts";

interface Saying {
  readonly instance: string;
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly signedAt?: number;
  readonly forged?: boolean;
}

/** Says by Kafka that an instance of the payments API uses this version of `payments-db`. */
export const say = async (world: World, saying: Saying, timestamp?: number): Promise<void> =>
  await produceStatement(world, await signed(world, saying), timestamp);

/** Any value, where statements are read. */
export const produceStatement = async (
  world: World,
  value: string,
  timestamp?: number,
): Promise<void> => {
  const record = { key: paymentsDb.id, value, ...(timestamp !== undefined && { timestamp }) };
  await world.kafka.produce(topicNames.moved, [record], cloudEvent);
};

/** As a workload without the library does it: a JWS of its key, in an event under the credential. */
const signed = async (world: World, { forged, signedAt, ...said }: Saying): Promise<string> => {
  const own = await importJWK(JSON.parse(world.signingKey) as JWK, "EdDSA");
  const key = forged === true ? (await generateKeyPair("EdDSA")).privateKey : own;
  const iat = Math.floor((signedAt ?? Date.now()) / 1_000);
  const shared = { iss: "payments-api", credential: paymentsDb.id, jti: crypto.randomUUID() };
  const jws = await new SignJWT({ ...shared, ...said, iat })
    .setProtectedHeader({ alg: "EdDSA", typ: acknowledgementType })
    .sign(key);
  const { extensions, ...attributes } = statementEvent({ type: acknowledgementType, jws });
  return JSON.stringify({ specversion: "1.0", ...extensions, ...attributes });
};
