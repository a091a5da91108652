import {
  acknowledgementType,
  announcementsMax,
  announcementType,
  apiRoutes,
  claimedConsumer,
  heartbeatType,
  sha256Hex,
  type Statement,
} from "@rekey/contracts";
import {
  consumerId,
  isRefusal,
  refuse,
  type Announcement,
  type ConsumerId,
  type Refusal,
} from "@rekey/domain";
import { hearStatement } from "@rekey/engine";
import type { GatewayParts } from "../options.ts";
import { pollFor } from "../server/poll.ts";
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
    return await hear(parts, { type: acknowledgementType, jws }, speaksFor);
  });
  serve(routes.heartbeat, async ({ body: { jws }, speaksFor }) => {
    return await hear(parts, { type: heartbeatType, jws }, speaksFor);
  });
};

const noConsumer = (): Refusal => refuse("NOT_FOUND", "there is no such consumer");

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

const refusedFor = (own: ConsumerId | undefined, asked: ConsumerId): Refusal | undefined =>
  own === undefined || own === asked
    ? undefined
    : refuse("NOT_AUTHORISED", `this caller is the consumer ${own} and speaks for no other`);

const hear = async (
  { ledger, clock, onWork }: GatewayParts,
  statement: Statement,
  speaksFor: ConsumerId | undefined,
) => {
  const claimed = claimedConsumer(statement.jws);
  const foreign = claimed && refusedFor(speaksFor, claimed);
  if (foreign !== undefined) return foreign;
  const outcome = await hearStatement(ledger, { ...statement, now: clock.now() });
  if (isRefusal(outcome)) return outcome;
  onWork();
  return { outcome };
};
