import type { z } from "zod";
import type { ConfigProblem } from "./fault.ts";
import { plainWords } from "./plain-words.ts";

const depthMax = 20;

/** A schema's issues as problems of the place they are below: `issuers.main.options.endpoints[0].host`. */
export const schemaProblems = (
  issues: readonly z.core.$ZodIssue[],
  parents: readonly PropertyKey[] = [],
): ConfigProblem[] => issues.flatMap((issue) => problemsOf(issue, parents));

const problemsOf = (issue: z.core.$ZodIssue, parents: readonly PropertyKey[]): ConfigProblem[] => {
  const keys = [...parents, ...issue.path];
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({ path: dotted([...keys, key]), text: "is not a setting" }));
  if (issue.code === "invalid_union" && issue.errors.length > 0 && keys.length < depthMax) {
    // The alternative that fails latest is the one that was meant.
    const deepest = issue.errors.toSorted((a, b) => depthOf(b) - depthOf(a))[0]!;
    return schemaProblems(deepest, keys);
  }
  return [{ path: dotted(keys), text: plainWords(issue) }];
};

const depthOf = (issues: readonly z.core.$ZodIssue[]): number =>
  Math.max(0, ...issues.map(({ path }) => path.length));

const dotted = (keys: readonly PropertyKey[]): string =>
  keys
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
    .join("")
    .replace(/^\./, "");
