import type { PolicyName } from "./ids.ts";
import { day, hour, minute, type Instant } from "./instant.ts";

export const exposureResponses = ["contain-first", "replace-first", "propose"] as const;
export type ExposureResponse = (typeof exposureResponses)[number];

export const graceEndings = ["halt", "retire"] as const;
export type GraceEnding = (typeof graceEndings)[number];

/** A repeating time in which planned work may start: a five-field cron expression in an IANA zone. */
export interface MaintenanceWindow {
  readonly cron: string;
  readonly zone: string;
  readonly durationMs: number;
}

export interface Freeze {
  readonly from: Instant;
  readonly until: Instant;
  readonly reason: string;
}

export interface BreakerLimits {
  /** Kills and suspensions without a verified, promoted successor, per window and scope (N). */
  readonly killsMax: number;
  /** First containments per producer and window (C). */
  readonly containmentsMax: number;
  readonly windowMs: number;
}

/** How a credential is to be treated. Durations are milliseconds. Incidents ignore windows, freezes and notice. */
export interface Policy {
  readonly name: PolicyName;
  /** A scheduled rotation is due this long after the current version was promoted; absent: never by age. */
  readonly rotateAfterMs?: number;
  readonly graceMs: number;
  readonly graceOver: { readonly planned: GraceEnding; readonly incident: GraceEnding };
  /** How long a suspended version can still be reinstated before the irreversible end (planned causes). */
  readonly reversibleForMs: number;
  readonly noticeMs: number;
  readonly onExposure?: ExposureResponse;
  readonly windows: readonly MaintenanceWindow[];
  readonly freezes: readonly Freeze[];
  /** Accept a proof by enumeration where nothing can be probed. */
  readonly allowListedProof: boolean;
  /** Planned work may use a cutover with an outage where versions cannot overlap. */
  readonly allowOutage: boolean;
  readonly breaker: BreakerLimits;
}

/** The values a policy has where the inventory is silent; each with its reason in docs/configuration. */
export const policyDefaults: Omit<Policy, "name"> = {
  graceMs: 15 * minute,
  graceOver: { planned: "halt", incident: "retire" },
  reversibleForMs: day,
  noticeMs: 0,
  windows: [],
  freezes: [],
  allowListedProof: false,
  allowOutage: false,
  breaker: { killsMax: 20, containmentsMax: 10, windowMs: hour },
};

/** An instance counts as seen when it acknowledged or was heard from within this time. */
export const instanceSeenForMs = 15 * minute;
/** What a consumer said and a topic kept for longer is not heard any more: by then no drain waits for it. */
export const statementHeardForMs = 7 * day;
