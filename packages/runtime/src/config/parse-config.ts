import { readFile } from "node:fs/promises";
import { parseDocument } from "yaml";
import type { Document } from "yaml";
import type { z } from "zod";
import { overlay } from "./environment.ts";
import type { Environment } from "./environment.ts";
import { ConfigFault } from "./fault.ts";
import type { ConfigProblem } from "./fault.ts";
import { schemaTree } from "./schema-tree.ts";

export type ConfigSources<Schema extends z.ZodType> = {
  readonly schema: Schema;
  /** YAML, of which JSON is a part. */
  readonly text?: string;
  readonly environment: Environment;
};

const fileMaxBytes = 1_048_576;
const depthMax = 20;

/** Reads the file (if one is named) and parses it with the environment; throws ConfigFault. */
export async function loadConfig<Schema extends z.ZodType>(
  options: Omit<ConfigSources<Schema>, "text"> & { readonly file?: string },
): Promise<z.output<Schema>> {
  const { file, ...sources } = options;
  if (file === undefined) return parseConfig(sources);
  return parseConfig({ ...sources, text: await readText(file) });
}

/** The whole configuration, or one ConfigFault that names every problem with its path. */
export function parseConfig<Schema extends z.ZodType>(
  sources: ConfigSources<Schema>,
): z.output<Schema> {
  const nodes = schemaTree(sources.schema);
  const content = parseText(sources.text ?? "");
  const problems = overlay({ content, nodes, environment: sources.environment });
  const parsed = sources.schema.safeParse(content);
  if (!parsed.success) problems.push(...parsed.error.issues.flatMap((issue) => problemsOf(issue)));
  if (!parsed.success || problems.length > 0) throw new ConfigFault(problems);
  return parsed.data;
}

async function readText(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new ConfigFault([{ path: file, text: `cannot be read (${error.code ?? "unknown"})` }]);
  });
  if (Buffer.byteLength(text) <= fileMaxBytes) return text;
  throw new ConfigFault([{ path: file, text: `is longer than ${fileMaxBytes} bytes` }]);
}

function parseText(text: string): Record<string, unknown> {
  // Without excerpts: an excerpt could show a value.
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: true });
  const problems = [...document.errors, ...document.warnings].map((error) => ({
    path: `byte ${error.pos[0]}`,
    text: `is not valid YAML (${error.code})`,
  }));
  if (problems.length > 0) throw new ConfigFault(problems);
  const content = plainContent(document);
  if (typeof content === "object" && content !== null && !Array.isArray(content)) {
    return content as Record<string, unknown>;
  }
  throw new ConfigFault([{ path: "", text: "must be a map" }]);
}

// Aliases are refused: a few of them can stand for gigabytes.
function plainContent(document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 }) ?? {};
  } catch {
    throw new ConfigFault([{ path: "", text: "must not use YAML aliases" }]);
  }
}

function problemsOf(
  issue: z.core.$ZodIssue,
  parents: readonly PropertyKey[] = [],
): ConfigProblem[] {
  const keys = [...parents, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: dotted([...keys, key]), text: "is not a setting" }));
  }
  if (issue.code === "invalid_union" && issue.errors.length > 0 && keys.length < depthMax) {
    // The alternative that fails latest is the one that was meant.
    const deepest = issue.errors.toSorted((a, b) => depthOf(b) - depthOf(a))[0]!;
    return deepest.flatMap((nested) => problemsOf(nested, keys));
  }
  return [{ path: dotted(keys), text: issue.message }];
}

function depthOf(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map(({ path }) => path.length));
}

function dotted(keys: readonly PropertyKey[]): string {
  return keys
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
    .join("")
    .replace(/^\./, "");
}
