import type { Problem } from "@rekey/domain";
import { problem, problemsMax, type Parsed } from "../parsed.ts";
import { inspectJson } from "./inspect-json.ts";
import { isPlainDocument } from "./plain-document.ts";

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** Largest body that is read as one JSON document. */
export const jsonBytesMax = 1024 * 1024;
export const jsonDepthMax = 64;

export interface StrictJsonOptions {
  readonly bytesMax?: number;
  readonly depthMax?: number;
  /** Integers beyond 2^53: ids of foreign systems are kept as their digits (`text`); our own formats refuse them. */
  readonly largeIntegers?: "refuse" | "text";
  /**
   * U+0000 and half surrogates: refused in our own formats, allowed (`any`) where a foreign body is only read
   * and dropped, such as the source text in a scanner's report.
   */
  readonly characters?: "text" | "any";
  /** Put in front of every path. */
  readonly root?: string;
}

/**
 * JSON without surprises: bounded size and depth, valid UTF-8 without a byte order mark, no duplicate keys, no
 * U+0000, no lone surrogate, no number that loses digits. Reasons never quote the text.
 */
export const parseJsonStrict = (
  input: Uint8Array | string,
  options: StrictJsonOptions = {},
): Parsed<JsonValue> => {
  const { bytesMax = jsonBytesMax, root = "" } = options;
  const size = typeof input === "string" ? Buffer.byteLength(input) : input.byteLength;
  if (size > bytesMax) return problem(root, `is larger than ${bytesMax} bytes`);
  const text = typeof input === "string" ? input : decodeUtf8(input);
  if (text === undefined) return problem(root, "is not valid UTF-8");
  return parseText(text, options);
};

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Undefined for bytes that are not UTF-8. A byte order mark is kept, so that JSON refuses it. */
export const decodeUtf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
};

function parseText(text: string, options: StrictJsonOptions): Parsed<JsonValue> {
  const {
    depthMax = jsonDepthMax,
    largeIntegers = "refuse",
    characters = "text",
    root = "",
  } = options;
  const plain = parsePlain(text);
  if ("reason" in plain) return problem(root, plain.reason);
  if (isPlainDocument(text, plain.value, depthMax)) return plain;
  const findings = inspectJson(text, { depthMax, characters, root });
  const problems: Problem[] = [...findings.problems];
  if (largeIntegers === "refuse") {
    const reason = "is a number that loses digits: send it as a string";
    problems.push(...findings.largeIntegers.map((path) => ({ path, reason })));
  }
  if (problems.length > 0) return { problems: problems.slice(0, problemsMax) };
  return { value: findings.largeIntegers.length === 0 ? plain.value : parseKeepingDigits(text) };
}

function parsePlain(text: string): { value: JsonValue } | { reason: string } {
  try {
    return { value: JSON.parse(text) as JsonValue };
  } catch (error) {
    // The engine's message quotes the text, which may hold a secret: only the position is kept.
    const at = / at position (\d+)(?: \(line \d+ column \d+\))?$/.exec((error as Error).message);
    return {
      reason: at === null ? "is not valid JSON" : `is not valid JSON at character ${at[1]}`,
    };
  }
}

// Recursion of the reviver is bounded: the depth was checked before.
function parseKeepingDigits(text: string): JsonValue {
  const keepDigits = (_key: string, value: unknown, context: { source?: string }): unknown =>
    typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)
      ? (context.source ?? value)
      : value;
  const parse = JSON.parse as (text: string, reviver: typeof keepDigits) => JsonValue;
  return parse(text, keepDigits);
}
