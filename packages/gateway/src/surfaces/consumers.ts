import {
  announcementsMax,
  announcementType,
  apiRoutes,
  claimedConsumer,
  sha256Hex,
  verifyAcknowledgement,
  verifyHeartbeat,
  type AcknowledgementClaims,
  type HeartbeatClaims,
} from "@rekey/contracts";
import {
  consumerId,
  isRefusal,
  refuse,
  type Announcement,
  type Consumer,
  type ConsumerId,
  type Refusal,
} from "@rekey/domain";
import type { GatewayParts } from "../options.ts";
import { pollFor } from "../server/poll.ts";
import { unprovenAcknowledgement, unprovenHeartbeat } from "./unproven-claims.ts";
import type { Surface } from "./surface.ts";

const routes = apiRoutes.consumers;

/** What workloads hear and say. Over the network each hears and speaks for the consumer that it is mapped to. */
export const consumersSurface: Surface = (serve, parts) => {
  serve(routes.announcements, async ({ query, signal, speaksFor }) => {
    const consumer = consumerId(query.consumer);
    const foreign = refusedFor(speaksFor, consumer);
    if (foreign !== undefined) return foreign;
    if ((await parts.ledger.consumer(consumer)) === undefined) return noConsumer();
    const announcements = await pollFor({
      clock: parts.clock,
      waitMs: query.waitMs,
      signal,
      look: () => parts.ledger.announcementsFor(consumer),
      isNews: (found) => found.length > 0 && cursorOf(found) !== query.after,
    });
    const cursor = cursorOf(announcements);
    const isKnown = cursor === query.after;
    return { announcements: isKnown ? [] : newestOf(announcements), cursor };
  });
  serve(routes.acknowledge, async ({ body: { jws }, speaksFor }) => {
    const heard = await hear(parts, { jws, speaksFor }, acknowledgement);
    if (isRefusal(heard)) return heard;
    const { jti, iss, instance, credential, version, sequence } = heard.claims;
    const refusal = await parts.ledger.sight({
      consumer: iss,
      instance,
      credential,
      version,
      ...(sequence !== undefined && { sequence }),
      counted: heard.counted,
      tokenId: jti,
    });
    return isRefusal(refusal) ? refusal : received(parts, heard.counted);
  });
  serve(routes.heartbeat, async ({ body: { jws }, speaksFor }) => {
    const heard = await hear(parts, { jws, speaksFor }, heartbeat);
    if (isRefusal(heard)) return heard;
    const { jti, iss, instance, credential } = heard.claims;
    const { counted } = heard;
    const said = { consumer: iss, instance, credential, counted, tokenId: jti };
    const refusal = await parts.ledger.sight(said);
    return isRefusal(refusal) ? refusal : received(parts, counted);
  });
};

const noConsumer = (): Refusal => refuse("NOT_FOUND", "there is no such consumer");

const received = ({ onWork }: GatewayParts, counted: boolean) => {
  onWork();
  return { outcome: counted ? ("counted" as const) : ("noted" as const) };
};

/**
 * Names what a consumer knows: the newest sequence of each credential. When it changes, the newest
 * announcement of each is sent again; readers drop sequences that they know.
 */
const cursorOf = (announcements: readonly Announcement[]): string => {
  const known = announcements.map(({ credential, sequence }) => `${credential}=${sequence}`);
  return sha256Hex(known.sort().join("\n")).slice(0, 32);
};

const newestOf = (announcements: readonly Announcement[]) =>
  [...announcements]
    .sort((left, right) => left.at - right.at || left.sequence - right.sequence)
    .slice(-announcementsMax)
    .map((announcement) => ({ type: announcementType, ...announcement }) as const);

interface Statement<Claims> {
  readonly verify: (
    jws: string,
    publicJwk: NonNullable<Consumer["signingKey"]>,
    now: number,
  ) => Promise<Claims | Refusal>;
  readonly read: (jws: string) => Claims | Refusal;
}

const acknowledgement: Statement<AcknowledgementClaims> = {
  verify: verifyAcknowledgement,
  read: unprovenAcknowledgement,
};
const heartbeat: Statement<HeartbeatClaims> = {
  verify: verifyHeartbeat,
  read: unprovenHeartbeat,
};

interface Said {
  readonly jws: string;
  readonly speaksFor: ConsumerId | undefined;
}

const refusedFor = (own: ConsumerId | undefined, asked: ConsumerId): Refusal | undefined =>
  own === undefined || own === asked
    ? undefined
    : refuse("NOT_AUTHORISED", `this caller is the consumer ${own} and speaks for no other`);

/** With a registered key only what it signed is heard, and counts; without one what is said is noted. */
const hear = async <Claims>(
  { ledger, clock }: GatewayParts,
  { jws, speaksFor }: Said,
  { verify, read }: Statement<Claims>,
): Promise<{ readonly claims: Claims; readonly counted: boolean } | Refusal> => {
  const claimed = claimedConsumer(jws);
  if (claimed === undefined) return refuse("INVALID", "it names no consumer as its issuer");
  const foreign = refusedFor(speaksFor, claimed);
  if (foreign !== undefined) return foreign;
  const consumer = await ledger.consumer(claimed);
  if (consumer === undefined) return noConsumer();
  const { signingKey } = consumer;
  const claims = signingKey === undefined ? read(jws) : await verify(jws, signingKey, clock.now());
  return isRefusal(claims) ? claims : { claims, counted: signingKey !== undefined };
};
