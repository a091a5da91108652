import { Cron } from "croner";
import type { Instant } from "./instant.ts";
import type { Policy } from "./policy.ts";

export type WindowAnswer =
  | { readonly open: true }
  | { readonly open: false; readonly until: Instant; readonly reason: string };

/** How far ahead the next opening is looked for before saying "look again then". */
const lookAheadMs = 8 * 24 * 3_600_000;

const startAtOrBefore = (cron: Cron, durationMs: number, now: Instant): Instant | undefined => {
  const next = cron.nextRun(new Date(now - durationMs));
  return next !== null && next.getTime() <= now ? next.getTime() : undefined;
};

/**
 * Whether planned work may start now. A freeze closes everything; with windows set, one of them must be open.
 * `until` is when to ask again.
 */
export const planningWindow = (
  policy: Pick<Policy, "windows" | "freezes">,
  now: Instant,
): WindowAnswer => {
  const freeze = policy.freezes.find((candidate) => candidate.from <= now && now < candidate.until);
  if (freeze !== undefined)
    return { open: false, until: freeze.until, reason: `freeze: ${freeze.reason}` };
  if (policy.windows.length === 0) return { open: true };
  const openings = policy.windows.map((window) => {
    const cron = new Cron(window.cron, { timezone: window.zone });
    return {
      open: startAtOrBefore(cron, window.durationMs, now) !== undefined,
      next: cron.nextRun(new Date(now))?.getTime(),
    };
  });
  if (openings.some((opening) => opening.open)) return { open: true };
  const next = Math.min(
    now + lookAheadMs,
    ...openings.flatMap((opening) => (opening.next === undefined ? [] : [opening.next])),
  );
  return { open: false, until: next, reason: "outside the maintenance windows" };
};

/** Undefined when the expression and the zone are valid; else why not. */
export const windowProblem = (cron: string, zone: string): string | undefined => {
  try {
    if (cron.trim().split(/\s+/).length !== 5) return "a window's cron expression has five fields";
    return new Cron(cron, { timezone: zone }).nextRun(new Date(0)) === null
      ? "this window never opens"
      : undefined;
  } catch {
    return "not a cron expression in a known time zone";
  }
};
