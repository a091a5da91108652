import { consumerId, credentialId } from "@rekey/domain";
import { z } from "zod";
import { inventoryNameSchema, textSchema } from "../text.ts";

/** Names the instance of a workload: a pod, a host and process, anything that stays for its life. */
const instanceSchema = textSchema(128);
const secondsSchema = z.int().nonnegative();

const shared = {
  /** The consumer: its key signed this. */
  iss: inventoryNameSchema.transform(consumerId),
  instance: instanceSchema,
  credential: inventoryNameSchema.transform(credentialId),
  /** Seconds since 1970 by the consumer's clock: bounds replays, never decides an order. */
  iat: secondsSchema,
  jti: z.uuid("must be a UUID"),
};

/** `rekey.credential.moved.v1`: this instance uses this version and holds no older one. */
export const acknowledgementClaims = z
  .object({
    ...shared,
    version: z.int().positive(),
    /** Of the announcement that told it; absent when the instance saw the change in its store first. */
    sequence: z.int().positive().exactOptional(),
  })
  .readonly();
export type AcknowledgementClaims = z.output<typeof acknowledgementClaims>;

/** `rekey.instance.alive.v1`: this instance runs, and the version it confirmed last, if any. */
export const heartbeatClaims = z
  .object({ ...shared, version: z.int().positive().exactOptional() })
  .readonly();
export type HeartbeatClaims = z.output<typeof heartbeatClaims>;

/** JWS header `typ` of each: one kind is never taken for the other. */
export const acknowledgementType = "rekey.credential.moved.v1";
export const heartbeatType = "rekey.instance.alive.v1";

/** The only signature algorithm of consumers (RFC 8037, curve Ed25519). */
export const consumerAlgorithm = "EdDSA";
