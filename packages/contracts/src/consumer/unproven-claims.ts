import { refuse, type Refusal } from "@rekey/domain";
import { decodeJwt } from "jose";
import type { z } from "zod";
import { parseWith } from "../parsed.ts";
import {
  acknowledgementClaims,
  heartbeatClaims,
  type AcknowledgementClaims,
  type HeartbeatClaims,
} from "./claims.ts";

/** What a consumer without a registered key says of itself: shape only, nothing is proven by it. */
export const unprovenAcknowledgement = (jws: string): AcknowledgementClaims | Refusal =>
  read(jws, acknowledgementClaims);

export const unprovenHeartbeat = (jws: string): HeartbeatClaims | Refusal =>
  read(jws, heartbeatClaims);

const read = <Schema extends z.ZodType>(
  jws: string,
  schema: Schema,
): z.output<Schema> | Refusal => {
  const parsed = parseWith(schema, payloadOf(jws));
  return parsed.problems === undefined
    ? parsed.value
    : refuse("INVALID", "the claims have problems", parsed.problems);
};

const payloadOf = (jws: string): unknown => {
  try {
    return decodeJwt(jws);
  } catch {
    return undefined;
  }
};
