import { readFile } from "node:fs/promises";
import { parseDocument } from "yaml";
import type { Document } from "yaml";
import type { z } from "zod";
import { overlay } from "./environment.ts";
import type { Environment } from "./environment.ts";
import { ConfigFault } from "./fault.ts";
import { schemaProblems } from "./schema-problems.ts";
import { schemaTree } from "./schema-tree.ts";
import { soundPart } from "./sound-part.ts";

export type ConfigSources<Schema extends z.ZodType> = {
  readonly schema: Schema;
  /** YAML, of which JSON is a part. */
  readonly text?: string;
  readonly environment: Environment;
};

const fileMaxBytes = 1_048_576;

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
  if (parsed.success && problems.length === 0) return parsed.data;
  if (!parsed.success) problems.push(...schemaProblems(parsed.error.issues));
  throw new ConfigFault(problems, soundPart(sources.schema, content));
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
