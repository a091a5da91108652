import { parseDocument } from "yaml";
import type { ConfigProblem } from "./fault.ts";
import type { SchemaNode } from "./schema-tree.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names the file itself, for whoever reads it before the schema is known. */
export const fileVariable = "REKEY_CONFIG";

const prefix = "REKEY_";

/** `ledger.connectMs` is `REKEY_LEDGER__CONNECT_MS`. */
export function variableOf(keys: readonly string[]): string {
  const words = keys.map((key) => key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase());
  return `${prefix}${words.join("__")}`;
}

/**
 * Lays the variables over the file's content, in place. A variable that no setting has is a
 * problem, unless a reference of the file (`env:NAME`) points to it.
 */
export function overlay(options: {
  readonly content: Record<string, unknown>;
  readonly nodes: readonly SchemaNode[];
  readonly environment: Environment;
}): ConfigProblem[] {
  const byVariable = new Map(options.nodes.flatMap(variables));
  const problems: ConfigProblem[] = [];
  for (const [name, text] of Object.entries(options.environment)) {
    if (!name.startsWith(prefix) || name === fileVariable || text === undefined) continue;
    const node = byVariable.get(name);
    if (node === undefined) problems.push({ path: name, text: "no setting has this variable" });
    else if (!place(options.content, node, valueOf(text, node))) {
      problems.push({ path: name, text: "a parent of it is not a map in the file" });
    }
  }
  const referenced = referencedNames(options.content);
  return problems.filter(({ path }) => !referenced.has(path));
}

function variables(node: SchemaNode): [string, SchemaNode][] {
  return node.keys === undefined || node.keys.length === 0 ? [] : [[variableOf(node.keys), node]];
}

const textTypes = /^(string|duration|size|secret reference)$/;

// Everything but text is written as YAML: numbers, booleans, lists, maps.
function valueOf(text: string, node: SchemaNode): unknown {
  if (textTypes.test(node.type)) return text;
  const document = parseDocument(text);
  return document.errors.length > 0 ? text : document.toJS();
}

function place(content: Record<string, unknown>, node: SchemaNode, value: unknown): boolean {
  const keys = node.keys ?? [];
  let map = content;
  for (const key of keys.slice(0, -1)) {
    const next = (map[key] ??= {});
    if (typeof next !== "object" || next === null || Array.isArray(next)) return false;
    map = next as Record<string, unknown>;
  }
  map[keys.at(-1)!] = value;
  return true;
}

function referencedNames(value: unknown): Set<string> {
  if (typeof value === "string") return new Set(value.startsWith("env:") ? [value.slice(4)] : []);
  if (typeof value !== "object" || value === null) return new Set();
  return new Set(Object.values(value).flatMap((part) => [...referencedNames(part)]));
}
