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

/**
 * Reads `input` by `schema`. Problems carry a JSON path and a reason, never the value that was refused, and no
 * key that the schema does not name: a secret may have been written where a key belongs.
 */
export const parseWith = <Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  root = "",
): Parsed<z.output<Schema>> => read(schema, { input, root, unknownKeys: "placed" });

/** The same for documents in which no secret has a place: an unknown key is repeated where it is a plain name. */
export const parseNaming = <Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
): Parsed<z.output<Schema>> => read(schema, { input, root: "", unknownKeys: "named" });

/** One step of a path: a name of ours, an index, or the place of a key whose name is not repeated. */
export type PathStep = PropertyKey | { readonly key: number } | { readonly unknownKey: number };

/** `["credentials", 2, "policy"]` as `credentials[2].policy`; `[{ key: 2 }]` as `[key 2]`, counted from one. */
export const jsonPath = (steps: readonly PathStep[], root = ""): string =>
  steps.reduce<string>((path, next) => step(path, next), root);

interface Reading {
  readonly input: unknown;
  readonly root: string;
  readonly unknownKeys: "named" | "placed";
}

function read<Schema extends z.ZodType>(
  schema: Schema,
  reading: Reading,
): Parsed<z.output<Schema>> {
  const result = schema.safeParse(reading.input);
  if (result.success) return { value: result.data };
  const problems = result.error.issues.flatMap((issue) => problemsOfIssue(issue, reading));
  return { problems: problems.slice(0, problemsMax) };
}

function problemsOfIssue(issue: z.core.$ZodIssue, reading: Reading): Problem[] {
  const path = jsonPath(issue.path, reading.root);
  if (issue.code !== "unrecognized_keys") return [{ path, reason: reasonOf(issue) }];
  const written = keysAt(reading.input, issue.path);
  return issue.keys.map((key) => {
    const place = { unknownKey: written.indexOf(key) + 1 };
    const path = jsonPath(
      [...issue.path, reading.unknownKeys === "named" ? key : place],
      reading.root,
    );
    return { path, reason: "is not a known key" };
  });
}

function keysAt(input: unknown, path: readonly PropertyKey[]): readonly string[] {
  const found = path.reduce<unknown>(
    (value, key) => (value as Readonly<Record<PropertyKey, unknown>> | undefined)?.[key],
    input,
  );
  return Object.keys(found ?? {});
}

function reasonOf(issue: z.core.$ZodIssue): string {
  const reason = issue.message.replace(/^Invalid input: /, "").replace(/^(Invalid|Too) /, lower);
  return reason.replaceAll('"', "'");
}

const lower = (text: string): string => text.toLowerCase();

// The keys of a record are the writer's: only plain names are repeated.
const plainName = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

function step(path: string, next: PathStep): string {
  if (typeof next === "number") return `${path}[${next}]`;
  const name = nameOf(next);
  return path === "" ? name : `${path}.${name}`;
}

function nameOf(next: Exclude<PathStep, number>): string {
  if (typeof next !== "object") return plainName.test(String(next)) ? String(next) : "[key]";
  return "key" in next ? `[key ${next.key}]` : `[unknown key ${next.unknownKey}]`;
}
