import { day, hour, minute, second, type Instant } from "@rekey/domain";

const units = [
  [day, "d"],
  [hour, "h"],
  [minute, "min"],
  [second, "s"],
] as const;

/** A length of time in its largest whole unit: `3 min`. */
export const lengthText = (milliseconds: number): string => {
  const size = Math.abs(milliseconds);
  const [unit, name] = units.find(([length]) => size >= length) ?? [1, "ms"];
  return `${Math.floor(size / unit)} ${name}`;
};

/** `3 min ago`, `in 2 h`, `now`. */
export const relative = (at: Instant, now: Instant): string => {
  const distance = at - now;
  if (Math.abs(distance) < second) return "now";
  return distance < 0 ? `${lengthText(distance)} ago` : `in ${lengthText(distance)}`;
};

/** When something is to be done: what should have been done before is overdue. */
export const dueText = (at: Instant, now: Instant): string =>
  at <= now - second ? "overdue" : relative(at, now);

/** Seconds since a start, for progress: `12.3 s`. */
export const seconds = (milliseconds: number): string => `${(milliseconds / second).toFixed(1)} s`;
