import { counted } from "@rekey/domain";
import type { z } from "zod";

type Issue = z.core.$ZodIssue;

/** A schema's own text, where it has one; else what zod found, in words for whoever writes the file. Never a value. */
export const plainWords = (issue: Issue): string =>
  ownText.test(issue.message) ? (found(issue) ?? shortened(issue.message)) : issue.message;

/** How zod 4.4 begins the texts that it makes itself (its `locales/en.ts`). */
const ownText = /^(Invalid|Too|Unrecognized) /;

const found = (issue: Issue): string | undefined => {
  switch (issue.code) {
    case "invalid_type": {
      const shape = shapes[issue.expected] ?? issue.expected;
      return issue.message.endsWith("received undefined")
        ? `is missing: must be ${shape}`
        : `must be ${shape}`;
    }
    case "too_small":
      return bounded(issue.origin, Number(issue.minimum), "least");
    case "too_big":
      return bounded(issue.origin, Number(issue.maximum), "most");
    case "invalid_value":
      return `must be one of ${issue.values.map(String).join(", ")}`;
    case "invalid_format":
      return formatted(issue);
    case "invalid_key":
      return `is no name that can be used here: ${issue.issues.map(plainWords).join(", ")}`;
    default:
      return undefined;
  }
};

const shapes: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  record: "a map",
};

const bounded = (origin: string, bound: number, end: "least" | "most"): string => {
  const noun = parts[origin];
  if (noun === undefined) return `must be at ${end} ${bound}`;
  if (end === "least" && bound === 1) return "must not be empty";
  return `must have at ${end} ${counted(bound, ...noun)}`;
};

const parts: Readonly<Record<string, readonly [string, string?]>> = {
  string: ["character"],
  array: ["entry", "entries"],
};

const formatted = (issue: Extract<Issue, { code: "invalid_format" }>): string => {
  if ("prefix" in issue) return `must start with ${String(issue.prefix)}`;
  return issue.pattern === undefined ? "has another form" : `must match ${issue.pattern}`;
};

const shortened = (message: string): string =>
  message.replace(/^Invalid input: /, "").replace(/^./, (letter) => letter.toLowerCase());
