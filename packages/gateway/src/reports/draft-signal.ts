import { canonicalJson, sha256Hex } from "@rekey/contracts";
import type { Actor, Signal } from "@rekey/domain";
import type { GatewayParts } from "../options.ts";
import { apiSource } from "../server/record-rejected.ts";

type Said = Pick<Signal, "kind" | "disposition"> &
  Partial<Omit<Signal, "eventId" | "dedupeKey" | "source">>;

/** A signal that an actor of the API makes: its feed is the actor, its time is now unless it says otherwise. */
export const draftSignal = (
  { newId, clock }: Pick<GatewayParts, "newId" | "clock">,
  actor: Actor,
  said: Said,
): Signal => {
  const eventId = newId();
  return {
    locators: [],
    public: false,
    severity: "info",
    confidence: "unknown",
    occurredAt: clock.now(),
    confidentiality: "open",
    ...said,
    eventId,
    dedupeKey: eventId,
    // Of what is published, never of the body: that may hold the secret itself.
    source: { system: apiSource, feed: actor.id, rawDigest: sha256Hex(canonicalJson(said)) },
  };
};

/** A clock may be this far ahead of ours; a later time than that has not happened. */
const skewMs = 10 * 60_000;

export const isFuture = (at: number | undefined, now: number): boolean =>
  at !== undefined && at > now + skewMs;
