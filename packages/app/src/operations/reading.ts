import type { SubscriptionHealth } from "@rekey/domain";

/** A subscription that has not polled for this long is dead, whatever it says. */
const pollStaleMs = 60_000;
/** What it fetched and did not commit for this long is not being read. */
const commitStaleMs = 60_000;

/** Whether a subscription reads its topic: what readiness and the figures both mean by it. */
export const isRead = ({ sinceLastPollMs, sinceCommitOwedMs }: SubscriptionHealth): boolean =>
  sinceLastPollMs < pollStaleMs && sinceCommitOwedMs < commitStaleMs;
