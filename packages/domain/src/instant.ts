/** Milliseconds since 1970-01-01T00:00:00Z, by PostgreSQL's clock unless a name says otherwise. */
export type Instant = number;

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

/** RFC 3339 UTC with milliseconds, the only time format that leaves Rekey. */
export const toRfc3339 = (instant: Instant): string => new Date(instant).toISOString();
