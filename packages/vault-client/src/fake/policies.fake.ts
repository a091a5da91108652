/** What a token may do at one path. */
export type Capability =
  | "create"
  | "read"
  | "update"
  | "delete"
  | "list"
  | "deny"
  | "sudo"
  | "patch";

interface Rule {
  readonly path: string;
  readonly capabilities: readonly string[];
}

// What every token may do by Vault's policy `default`.
const defaultRules: readonly Rule[] = [
  { path: "auth/token/lookup-self", capabilities: ["read"] },
  { path: "auth/token/renew-self", capabilities: ["update"] },
  { path: "auth/token/revoke-self", capabilities: ["update"] },
  { path: "sys/capabilities-self", capabilities: ["update"] },
];

const block = /path\s+"([^"]+)"\s*\{([^}]*)\}/g;
const comment = /^\s*#.*$/gm;

/** Reads the blocks of a policy in HCL, as docs show it: paths and capabilities, nothing more. */
const parsePolicy = (text: string): readonly Rule[] =>
  [...text.replaceAll(comment, "").matchAll(block)].map(([, path = "", inside = ""]) => ({
    path,
    capabilities: [
      ...(/capabilities\s*=\s*\[([^\]]*)\]/.exec(inside)?.[1] ?? "").matchAll(/"(\w+)"/g),
    ].map(([, name = ""]) => name),
  }));

export interface FakePolicies {
  write(name: string, text: string): void;
  allows(names: readonly string[], path: string, capability: Capability): boolean;
  /** As `sys/capabilities-self` answers: `deny` alone where there is none. */
  capabilities(names: readonly string[], path: string): readonly string[];
}

export const createFakePolicies = (): FakePolicies => {
  const policies = new Map<string, readonly Rule[]>([["default", defaultRules]]);
  const capabilities: FakePolicies["capabilities"] = (names, path) => {
    if (names.includes("root")) return ["root"];
    const rules = names.flatMap((name) => policies.get(name) ?? []);
    const matching = rules.filter((rule) => matches(rule.path, path));
    // The most specific path decides; of equal ones the capabilities add up and `deny` wins.
    const longest = Math.max(0, ...matching.map(specificity));
    const granted = matching
      .filter((rule) => specificity(rule) === longest)
      .flatMap(({ capabilities }) => capabilities);
    return granted.length === 0 || granted.includes("deny") ? ["deny"] : [...new Set(granted)];
  };
  return {
    write: (name, text) => void policies.set(name, parsePolicy(text)),
    allows: (names, path, capability) => {
      const granted = capabilities(names, path);
      return granted.includes("root") || granted.includes(capability);
    },
    capabilities,
  };
};

const exactBonus = 10_000;

// Vault prefers the rule whose first wildcard comes last, then the longer one, and an exact one to all.
const specificity = ({ path }: Rule): number => {
  const wildcard = path.search(/[+*]/);
  return wildcard === -1 ? exactBonus + path.length : wildcard * 10 + path.split("/").length;
};

const matches = (pattern: string, path: string): boolean => {
  const isPrefix = pattern.endsWith("*");
  const source = (isPrefix ? pattern.slice(0, -1) : pattern)
    .split("/")
    .map((part) => (part === "+" ? "[^/]+" : part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")))
    .join("/");
  return new RegExp(`^${source}${isPrefix ? "" : "$"}`).test(path);
};
