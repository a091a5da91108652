import type { Issuer } from "@rekey/domain";

type Answer = Awaited<ReturnType<NonNullable<Issuer["missingRights"]>>>;

/** What of a rotation is not granted, and what grants it, in the provider's own words. */
export type MissingRight = Answer[number];
