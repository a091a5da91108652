import { readingsOf } from "./connection-string.ts";

// Shorter values are found as whole words only: every text has an "a" in it.
const partLengthMin = 4;

/**
 * True where `text` repeats the leaked `value`, or the password in it, in any usual spelling: as it is,
 * percent-encoded or decoded, base64, hex.
 */
export const repeatsValue = (text: string, value: string): boolean => {
  const texts = new Set([text, decoded(text)]);
  const found = readingsOf(value).flatMap((reading) => [reading, decoded(reading)]);
  const sought = new Set(found.filter((reading) => reading !== "").flatMap(spellings));
  return [...texts].some((given) => [...sought].some((spelling) => holds(given, spelling)));
};

const holds = (text: string, spelling: string): boolean =>
  spelling.length >= partLengthMin
    ? text.includes(spelling)
    : text.split(/[\s"'`,;:()=/?&#]+/).includes(spelling);

const spellings = (value: string): readonly string[] => {
  const bytes = Buffer.from(value, "utf8");
  const encoded = value.isWellFormed() ? encodeURIComponent(value) : value;
  const base64 = bytes.toString("base64").replace(/=+$/, "");
  return [value, encoded, bytes.toString("base64url"), base64, bytes.toString("hex")];
};

// Only what can be decoded is: a reason is text of people, with a percent sign wherever they like.
const decoded = (text: string): string =>
  text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
