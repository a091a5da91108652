import { code, table } from "./markdown.ts";

export type CatalogOfCapabilities = Readonly<Record<string, { readonly capabilities: object }>>;

/** One row per capability, one column per provider: differences are read across. */
export const capabilityMatrix = (catalog: CatalogOfCapabilities): string => {
  const providers = Object.entries(catalog).map(([name, { capabilities }]) => ({
    name,
    can: new Map<string, unknown>(Object.entries(capabilities)),
  }));
  const names = new Set(providers.flatMap(({ can }) => [...can.keys()]));
  return table(
    ["Capability", ...providers.map(({ name }) => code(name))],
    [...names].map((name) => [code(name), ...providers.map(({ can }) => shown(can.get(name)))]),
  );
};

const shown = (value: unknown): string => {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(", ");
  if (typeof value === "number") return value === Infinity ? "no limit" : String(value);
  return typeof value === "string" ? value : "–";
};
