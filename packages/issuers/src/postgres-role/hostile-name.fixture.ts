import fc from "fast-check";
import { nameBytesMax } from "./mark.ts";

const fragments = [
  "'",
  '"',
  "\\",
  ";",
  "$",
  "%",
  "`",
  "\n",
  "\r",
  "\t",
  ".",
  "-",
  "~",
  "/",
  "?",
  "#",
  "@",
  ":",
  " ",
  "$$",
  "$1",
  "%I",
  "%L",
  "--",
  "/*",
  "''",
  '""',
  "\\'",
  "ü",
  "漢",
  "👩‍🔬",
  "e\u0301",
  "\u202e",
  "\u200b",
  "x",
  "Role",
  "pg_",
  "postgres",
  "; drop table canary; --",
  "' ; drop table canary; --",
  '"; drop table canary; --',
];

/** Text made to break quoting, of any length around NAMEDATALEN. */
export const hostileName = fc
  .array(fc.oneof(fc.constantFrom(...fragments), fc.string({ unit: "grapheme", maxLength: 6 })), {
    minLength: 1,
    maxLength: 40,
  })
  .map((parts) => parts.join("").replaceAll("\0", "").toWellFormed())
  .filter((text) => text !== "");

/** The same, as long as the server allows at most: cut between characters, never inside one. */
export const hostileRoleName = hostileName.map((text) => {
  let cut = "";
  for (const character of text) {
    if (Buffer.byteLength(cut + character) > nameBytesMax) break;
    cut += character;
  }
  return cut;
});
