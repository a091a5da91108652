import type { Problem } from "@rekey/domain";
import { jsonPath } from "../parsed.ts";

export interface JsonFindings {
  readonly problems: readonly Problem[];
  /** Paths of integers that a double cannot hold. */
  readonly largeIntegers: readonly string[];
}

export interface InspectOptions {
  readonly depthMax: number;
  readonly characters: "text" | "any";
  readonly root: string;
}

interface Frame {
  /** Keys seen so far; undefined in an array. */
  readonly keys: Set<string> | undefined;
  /** The index of an element, or how many keys were read. */
  at: number;
  /** The next string is a key. */
  keyNext: boolean;
}

interface Walk {
  readonly text: string;
  readonly options: InspectOptions;
  readonly frames: Frame[];
  readonly problems: Problem[];
  readonly largeIntegers: string[];
}

/**
 * Finds what `JSON.parse` lets pass. `text` must already be valid JSON. Costs one pass over the text and one
 * frame per level, and stops at the first level that is too deep. Paths count keys, they never repeat one.
 */
export const inspectJson = (text: string, options: InspectOptions): JsonFindings => {
  const walk: Walk = { text, options, frames: [], problems: [], largeIntegers: [] };
  for (let index = 0; index < text.length;) {
    if (walk.frames.length > options.depthMax) {
      const path = options.root;
      const reason = `is nested deeper than ${options.depthMax} levels`;
      return { problems: [...walk.problems, { path, reason }], largeIntegers: [] };
    }
    index = readToken(walk, index);
  }
  return { problems: walk.problems, largeIntegers: walk.largeIntegers };
};

/** Reads one token and answers where the next one starts. */
function readToken(walk: Walk, index: number): number {
  const character = walk.text.charAt(index);
  if (character === '"') return readString(walk, index);
  if (character === "-" || (character >= "0" && character <= "9")) return readNumber(walk, index);
  if (character === "{") walk.frames.push({ keys: new Set(), at: 0, keyNext: true });
  else if (character === "[") walk.frames.push({ keys: undefined, at: 0, keyNext: false });
  else if (character === "}" || character === "]") walk.frames.pop();
  else if (character === ",") advance(walk.frames.at(-1));
  return index + 1;
}

function advance(frame: Frame | undefined): void {
  if (frame === undefined) return;
  if (frame.keys === undefined) frame.at += 1;
  else frame.keyNext = true;
}

function readString(walk: Walk, start: number): number {
  const end = endOfString(walk.text, start);
  const written = walk.text.slice(start + 1, end - 1);
  const value = written.includes("\\") ? (JSON.parse(`"${written}"`) as string) : written;
  const frame = walk.frames.at(-1);
  const isKey = frame?.keyNext === true;
  if (isKey) readKey(walk, frame, value);
  if (walk.options.characters === "text") checkCharacters(walk, value);
  return end;
}

function checkCharacters(walk: Walk, value: string): void {
  if (value.includes("\u0000")) report(walk, "has the character U+0000");
  if (!value.isWellFormed()) report(walk, "has half of a surrogate pair");
}

function readKey(walk: Walk, frame: Frame, key: string): void {
  frame.at += 1;
  frame.keyNext = false;
  if (frame.keys?.has(key) === true) report(walk, "is a duplicate key");
  // An own property of this name turns into a prototype when code copies it by assignment.
  if (key === "__proto__") report(walk, "is not an allowed key");
  frame.keys?.add(key);
}

function readNumber(walk: Walk, start: number): number {
  let end = start + 1;
  while (end < walk.text.length && "0123456789+-.eE".includes(walk.text.charAt(end))) end += 1;
  const value = Number(walk.text.slice(start, end));
  if (!Number.isFinite(value)) report(walk, "is a number beyond every range");
  else if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    walk.largeIntegers.push(pathOf(walk));
  }
  return end;
}

// Long strings are skipped by native searches: a scanner's report is mostly source text.
function endOfString(text: string, start: number): number {
  for (let index = text.indexOf('"', start + 1); ; index = text.indexOf('"', index + 1))
    if (!isEscaped(text, index)) return index + 1;
}

/** The text is valid JSON: an odd number of backslashes before a quotation mark makes it part of the string. */
function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text.charCodeAt(before - 1) === backslash) before -= 1;
  return (at - before) % 2 === 1;
}

const backslash = 0x5c;

function report(walk: Walk, reason: string): void {
  walk.problems.push({ path: pathOf(walk), reason });
}

// A secret may stand where a key belongs, and no schema says here which keys are names: places are told.
const pathOf = (walk: Walk): string =>
  jsonPath(
    walk.frames.map(({ keys, at }) => (keys === undefined ? at : { key: at })),
    walk.options.root,
  );
