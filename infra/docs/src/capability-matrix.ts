import { code, table } from "./markdown.ts";

export type CatalogOfCapabilities = Readonly<
  Record<string, { readonly capabilities: Readonly<Record<string, unknown>> }>
>;

/** One row per capability, one column per provider: differences are read across. */
export const capabilityMatrix = (catalog: CatalogOfCapabilities): string => {
  const providers = Object.entries(catalog);
  const names = new Set(providers.flatMap(([, { capabilities }]) => Object.keys(capabilities)));
  return table(
    ["Capability", ...providers.map(([name]) => code(name))],
    [...names].map((name) => [
      code(name),
      ...providers.map(([, { capabilities }]) => shown(capabilities[name])),
    ]),
  );
};

const shown = (value: unknown): string => {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(", ");
  if (typeof value === "number") return value === Infinity ? "no limit" : String(value);
  return typeof value === "string" ? value : "–";
};
