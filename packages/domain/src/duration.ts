import { day, hour, minute, second } from "./instant.ts";

const units = { ms: 1, s: second, m: minute, h: hour, d: day } as const;
type Unit = keyof typeof units;

const written = /^([0-9]{1,12}) ?(ms|s|m|h|d)$/;

/** Ten years: longer than any duration that makes sense here, and far inside exact integers. */
export const durationMaxMs = 3_650 * day;

/** What a duration looks like, as the reason of a refusal. */
export const durationShape =
  "must be a whole number and a unit (ms, s, m, h or d), at most 3650 d, such as 15 m";

/** Milliseconds of `15 m`, `24h` or `500 ms`; undefined for anything else. A bare number has no unit and is refused. */
export const parseDuration = (text: string): number | undefined => {
  const match = written.exec(text);
  if (match === null) return undefined;
  const milliseconds = Number(match[1]) * units[match[2] as Unit];
  return milliseconds <= durationMaxMs ? milliseconds : undefined;
};

/** The shortest exact way to write a duration: 900000 is `15 m`. Takes what `parseDuration` gives. */
export const formatDuration = (milliseconds: number): string => {
  const unit = (["d", "h", "m", "s"] as const).find((name) => milliseconds % units[name] === 0);
  if (milliseconds === 0 || unit === undefined) return `${milliseconds} ms`;
  return `${milliseconds / units[unit]} ${unit}`;
};
