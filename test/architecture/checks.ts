import type { Tree } from "./tree.ts";

/** What `domain` exports, as far as a CHECK can name it: a list, or a table whose keys are the list. */
export type Exports = Readonly<Record<string, unknown>>;

type Check = { readonly column: string; readonly values: string[]; readonly union?: string };

// A table being made or altered, or a list in a CHECK with the rest of its line.
const statement =
  /(?:create|alter)\s+table\s+(?:if\s+(?:not\s+)?exists\s+)?(?<table>[\w."]+)|check\s*\((?:(?!;)[\s\S])*?\b(?<column>\w+)\s+in\s*\(\s*(?<list>'[^)]*)\)(?<rest>[^\n]*)/gi;

/** Every list in a CHECK of a migration; a later one for the same column takes the earlier's place. */
const checksOf = (tree: Tree): readonly Check[] => {
  const latest = new Map<string, Check>();
  let table = "";
  for (const path of tree.paths.filter((name) => /\/migrations\/.*\.sql$/.test(name))) {
    for (const { groups } of tree.read(path).matchAll(statement)) {
      if (groups?.["table"] !== undefined) table = groups["table"];
      if (groups?.["list"] === undefined) continue;
      const column = `${table}.${groups["column"]}`;
      latest.set(column, { column, ...annotated(groups["list"], groups["rest"] ?? "") });
    }
  }
  return [...latest.values()];
};

const annotated = (list: string, rest: string): Omit<Check, "column"> => {
  const values = [...list.matchAll(/'([^']*)'/g)].map((match) => match[1] ?? "");
  const union = /--\s*=\s*domain\.(\w+)/.exec(rest)?.[1];
  return union === undefined ? { values } : { values, union };
};

/** CHECK lists that name no union of the domain, or differ from the one they name. */
export const checkFindings = (tree: Tree, domain: Exports): readonly string[] =>
  checksOf(tree).flatMap(({ column, values, union }) => {
    if (union === undefined) return [`${column}: say which union it is: -- = domain.<name>`];
    const wanted = membersOf(domain[union]);
    if (wanted === undefined) return [`${column}: domain exports no list "${union}"`];
    const missing = wanted.filter((value) => !values.includes(value));
    const extra = values.filter((value) => !wanted.includes(value));
    if (missing.length + extra.length === 0) return [];
    return [
      `${column}: domain.${union} has also [${missing.join()}], the CHECK has also [${extra.join()}]`,
    ];
  });

const membersOf = (list: unknown): readonly string[] | undefined => {
  if (Array.isArray(list)) return list.map(String);
  return typeof list === "object" && list !== null ? Object.keys(list) : undefined;
};
