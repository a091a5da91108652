import { toRfc3339, type Instant } from "@rekey/domain";
import { z } from "zod";

/** Times outside these years are a unit mistake or an attack on a calendar, not a time. */
const earliest = Date.UTC(2000, 0, 1);
const latest = Date.UTC(2101, 0, 1) - 1;

const rfc3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;

export const timeShape = "must be an RFC 3339 time between the years 2000 and 2100";

/** Milliseconds since 1970 of an RFC 3339 time with its offset, in sane years; undefined for anything else. */
export const parseRfc3339 = (text: string): Instant | undefined => {
  const match = rfc3339.exec(text);
  if (match === null || !isDay(Number(match[1]), Number(match[2]), Number(match[3]))) {
    return undefined;
  }
  const instant = Date.parse(text.toUpperCase());
  return instant >= earliest && instant <= latest ? instant : undefined;
};

/** An RFC 3339 string on the wire, milliseconds since 1970 in code. */
export const instantSchema = z
  .codec(z.string().max(64), z.number().int(), {
    decode: (text, context) => {
      const instant = parseRfc3339(text);
      if (instant !== undefined) return instant;
      context.issues.push({ code: "custom", message: timeShape, input: undefined });
      return z.NEVER;
    },
    encode: toRfc3339,
  })
  .meta({ description: timeShape, format: "date-time" });

// Engines read 30 February as 2 March.
function isDay(year: number, month: number, dayOfMonth: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, dayOfMonth));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === dayOfMonth;
}
