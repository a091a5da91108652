import {
  acknowledgementType,
  claimedConsumer,
  heartbeatType,
  unprovenAcknowledgement,
  unprovenHeartbeat,
  verifyAcknowledgement,
  verifyHeartbeat,
  type AcknowledgementClaims,
  type HeartbeatClaims,
  type Statement,
} from "@rekey/contracts";
import {
  isRefusal,
  refuse,
  statementHeardForMs,
  type Consumer,
  type Instant,
  type Ledger,
  type Refusal,
} from "@rekey/domain";

/** A statement, and when it came. */
export interface Said extends Statement {
  /** Now, by the clock of whoever reads it. */
  readonly now: Instant;
  /**
   * When the topic took it, by the topic's own clock: its age is judged at that time, as nobody's lag may void it.
   * Absent: it is judged now.
   */
  readonly appendedAt?: Instant;
}

/** `counted`: signed by the consumer's registered key. `noted`: kept for people, never lets a drain end. */
export type Hearing = "counted" | "noted" | Refusal;

/**
 * Takes what an instance of a consumer says, by whatever way it came. With a registered key only what it signed is
 * heard, and counts; without one what is said is noted. The same statement again is refused with ALREADY_DONE, and so is
 * one that a topic kept for so long that nobody knows any more whether it was heard.
 */
export const hearStatement = async (
  ledger: Pick<Ledger, "consumer" | "sight">,
  said: Said,
): Promise<Hearing> => {
  if (isForgotten(said)) return refuse("ALREADY_DONE", "a topic kept it for too long");
  const claimed = claimedConsumer(said.jws);
  if (claimed === undefined) return refuse("INVALID", "it names no consumer as its issuer");
  const consumer = await ledger.consumer(claimed);
  if (consumer === undefined) return refuse("NOT_FOUND", "there is no such consumer");
  const claims = await believed(said, consumer);
  if (isRefusal(claims)) return claims;
  const counted = consumer.signingKey !== undefined;
  const { jti, iss, instance, credential } = claims;
  const { appendedAt } = said;
  const refusal = await ledger.sight({
    consumer: iss,
    instance,
    credential,
    ...movedTo(said, claims),
    ...(appendedAt !== undefined && { at: appendedAt }),
    counted,
    tokenId: jti,
  });
  if (isRefusal(refusal)) return refusal;
  return counted ? "counted" : "noted";
};

const isForgotten = ({ now, appendedAt = now }: Said): boolean =>
  now - appendedAt > statementHeardForMs;

type Claims = AcknowledgementClaims | HeartbeatClaims;

const readers = {
  [acknowledgementType]: { verify: verifyAcknowledgement, read: unprovenAcknowledgement },
  [heartbeatType]: { verify: verifyHeartbeat, read: unprovenHeartbeat },
};

const believed = async (
  { type, jws, now, appendedAt = now }: Said,
  { signingKey }: Consumer,
): Promise<Claims | Refusal> => {
  const { verify, read } = readers[type];
  return signingKey === undefined ? read(jws) : await verify(jws, signingKey, appendedAt);
};

/** A heartbeat tells that its instance runs, and nothing of its version. */
const movedTo = ({ type }: Said, claims: Claims): Partial<AcknowledgementClaims> => {
  if (type !== acknowledgementType) return {};
  const { version, sequence } = claims as AcknowledgementClaims;
  return { version, ...(sequence !== undefined && { sequence }) };
};
