import { minute, second } from "./instant.ts";

/** Retries slow down but never stop: 0.5 s, 1 s, 2 s … at most 15 min, ± 20 %. */
export const backoffCapMs = 15 * minute;

/**
 * What does not answer is asked again at the latest after this: it says nothing about the one credential, and what is due
 * must move soon after it is back (I12). Gates keep thousands from asking at once.
 */
export const awayCapMs = 15 * second;

/** Attempt at which people are told that something keeps failing (I12). */
export const alarmAtAttempt = 3;

/** Milliseconds until the next attempt after `failures` earlier ones; `jitter` is uniform in [0, 1). `atLeastMs` is a provider's own wish. */
export const backoffMs = (failures: number, jitter: number, atLeastMs = 0): number => {
  const exponential = Math.min(backoffCapMs, (second / 2) * 2 ** Math.min(failures, 20));
  return Math.max(
    atLeastMs,
    Math.min(backoffCapMs, Math.round(exponential * (0.8 + 0.4 * jitter))),
  );
};
