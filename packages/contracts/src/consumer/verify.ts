import { refuse, type ConsumerId, type Instant, type Refusal } from "@rekey/domain";
import { decodeJwt, jwtVerify, type JWK } from "jose";
import type { z } from "zod";
import { parseWith } from "../parsed.ts";
import {
  acknowledgementClaims,
  acknowledgementType,
  consumerAlgorithm,
  heartbeatClaims,
  heartbeatType,
  type AcknowledgementClaims,
  type HeartbeatClaims,
} from "./claims.ts";

/** Longest compact JWS of a consumer. */
export const consumerJwsLengthMax = 4_096;

/** How old a statement may be, and how far a consumer's clock may be off. A replay inside it says nothing new. */
const ageSecondsMax = 15 * 60;
const skewSeconds = 10 * 60;

/** Who claims to have signed, to look its key up; nothing is proven by it. */
export const claimedConsumer = (jws: string): ConsumerId | undefined => {
  if (jws.length > consumerJwsLengthMax) return undefined;
  try {
    return acknowledgementClaims.unwrap().shape.iss.safeParse(decodeJwt(jws).iss).data;
  } catch {
    return undefined;
  }
};

/** The claims of an acknowledgement signed by the owner of `publicJwk`; a refusal for anything else. */
export const verifyAcknowledgement = (
  jws: string,
  publicJwk: Readonly<Record<string, unknown>>,
  now: Instant,
): Promise<AcknowledgementClaims | Refusal> =>
  verify(jws, { publicJwk, now, typ: acknowledgementType, schema: acknowledgementClaims });

export const verifyHeartbeat = (
  jws: string,
  publicJwk: Readonly<Record<string, unknown>>,
  now: Instant,
): Promise<HeartbeatClaims | Refusal> =>
  verify(jws, { publicJwk, now, typ: heartbeatType, schema: heartbeatClaims });

interface Expected<Schema extends z.ZodType> {
  readonly publicJwk: Readonly<Record<string, unknown>>;
  readonly now: Instant;
  readonly typ: string;
  readonly schema: Schema;
}

const verify = async <Schema extends z.ZodType>(
  jws: string,
  { publicJwk, now, typ, schema }: Expected<Schema>,
): Promise<z.output<Schema> | Refusal> => {
  if (jws.length > consumerJwsLengthMax) return refuse("TOO_LARGE");
  // A private key registered by mistake must not verify as if all were well.
  if (publicJwk["crv"] !== "Ed25519" || "d" in publicJwk)
    return refuse("INVALID", "the key is no public Ed25519 key");
  try {
    const { payload } = await jwtVerify(jws, publicJwk as unknown as JWK, {
      algorithms: [consumerAlgorithm],
      typ,
      currentDate: new Date(now),
      maxTokenAge: ageSecondsMax,
      clockTolerance: skewSeconds,
    });
    const parsed = parseWith(schema, payload);
    return parsed.problems === undefined
      ? parsed.value
      : refuse("INVALID", "the claims have problems", parsed.problems);
  } catch {
    return refuse("INVALID", "the signature, the kind or the age does not hold");
  }
};
