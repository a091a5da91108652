import type { JsonValue } from "./strict-json.ts";

/**
 * True where `inspectJson` would find nothing in `text`, of which `JSON.parse` made `value`: most documents are so,
 * and this costs a third of the walk through their text. False says nothing about it.
 *
 * Without a backslash two quotation marks are one string. As many strings in the value mean that no key was written
 * twice, so nothing of the text is missing in the value, and each number and level of it can be seen there.
 */
export const isPlainDocument = (text: string, value: JsonValue, depthMax: number): boolean =>
  !text.includes("\\") &&
  !text.includes("__proto__") &&
  text.isWellFormed() &&
  2 * stringsIn(value, depthMax) === quotationMarksIn(text);

/** Keys and values. NaN, which equals nothing, where a number loses digits or a level is too deep. */
function stringsIn(value: JsonValue, levels: number): number {
  if (typeof value === "string") return 1;
  if (typeof value === "number") return isExact(value) ? 0 : Number.NaN;
  if (typeof value !== "object" || value === null) return 0;
  if (levels === 0) return Number.NaN;
  let strings = 0;
  if (Array.isArray(value)) {
    for (const member of value) strings += stringsIn(member, levels - 1);
    return strings;
  }
  const members = value as { readonly [key: string]: JsonValue };
  for (const key of Object.keys(members)) strings += 1 + stringsIn(members[key]!, levels - 1);
  return strings;
}

const isExact = (value: number): boolean =>
  Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value));

const quotationMark = 0x22;

function quotationMarksIn(text: string): number {
  let marks = 0;
  for (let index = 0; index < text.length; index += 1)
    if (text.charCodeAt(index) === quotationMark) marks += 1;
  return marks;
}
