import type { Problem } from "@rekey/domain";
import type { z } from "zod";

/** A value that was understood, or every problem found in it; never both. */
export type Parsed<Value> =
  | { readonly value: Value; readonly problems?: never }
  | { readonly problems: readonly Problem[]; readonly value?: never };

/** Longest list of problems that is answered: enough to mend a document, not enough to be a flood. */
export const problemsMax = 100;

/** One problem as a whole refusal. */
export const problem = (path: string, reason: string): { problems: readonly Problem[] } => ({
  problems: [{ path, reason }],
});

/** Reads `input` by `schema`. Problems carry a JSON path and a reason, never the value that was refused. */
export const parseWith = <Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  root = "",
): Parsed<z.output<Schema>> => {
  const result = schema.safeParse(input);
  return result.success ? { value: result.data } : { problems: problemsOf(result.error, root) };
};

/** The issues of a schema library's error, in our words. */
export const problemsOf = (error: z.ZodError, root = ""): readonly Problem[] =>
  error.issues.flatMap((issue) => problemsOfIssue(issue, root)).slice(0, problemsMax);

/** `["credentials", 2, "policy"]` as `credentials[2].policy`. */
export const jsonPath = (keys: readonly PropertyKey[], root = ""): string =>
  keys.reduce<string>((path, key) => step(path, key), root);

function problemsOfIssue(issue: z.core.$ZodIssue, root: string): Problem[] {
  const path = jsonPath(issue.path, root);
  if (issue.code !== "unrecognized_keys") return [{ path, reason: reasonOf(issue) }];
  return issue.keys.map((key) => ({ path: step(path, key), reason: "is not a known key" }));
}

function reasonOf(issue: z.core.$ZodIssue): string {
  const reason = issue.message.replace(/^Invalid input: /, "").replace(/^(Invalid|Too) /, lower);
  return reason.replaceAll('"', "'");
}

const lower = (text: string): string => text.toLowerCase();

// A key may have been written by mistake where a value belongs: only plain names are repeated.
const plainName = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

function step(path: string, key: PropertyKey): string {
  if (typeof key === "number") return `${path}[${key}]`;
  const name = plainName.test(String(key)) ? String(key) : "[key]";
  return path === "" ? name : `${path}.${name}`;
}
