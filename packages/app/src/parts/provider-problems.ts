import { issuerCatalog } from "@rekey/issuers";
import { isProducerFormat, producerCatalog } from "@rekey/producers";
import { schemaProblems, type ConfigProblem } from "@rekey/runtime";
import { storeCatalog } from "@rekey/stores";
import type { z } from "zod";
import type { SharedConfig } from "../config/sections.ts";

/** What the schema alone cannot tell: unknown kinds, formats and names, and options that do not fit their kind. */
export const providerProblems = (config: SharedConfig): readonly ConfigProblem[] => [
  ...Object.entries(config.issuers).flatMap(([name, issuer]) => [
    ...optionProblems(`issuers.${name}`, issuerCatalog, issuer),
    ...controlProblems(config, name),
  ]),
  ...Object.entries(config.stores).flatMap(([name, store]) =>
    optionProblems(`stores.${name}`, storeCatalog, store),
  ),
  ...Object.entries(config.producers).flatMap(([name, { format }]) =>
    isProducerFormat(format)
      ? []
      : [{ path: `producers.${name}.format`, text: oneOf(Object.keys(producerCatalog)) }],
  ),
];

const oneOf = (known: readonly string[]): string => `must be one of ${known.join(", ")}`;

const optionProblems = (
  path: string,
  catalog: Readonly<Record<string, { readonly optionsSchema: z.ZodType }>>,
  given: { readonly kind: string; readonly options: unknown },
): readonly ConfigProblem[] => {
  const entry = Object.hasOwn(catalog, given.kind) ? catalog[given.kind] : undefined;
  if (entry === undefined) return [{ path: `${path}.kind`, text: oneOf(Object.keys(catalog)) }];
  const parsed = entry.optionsSchema.safeParse(given.options);
  if (parsed.success) return [];
  return schemaProblems(parsed.error.issues, [path, "options"]);
};

const controlProblems = (config: SharedConfig, name: string): readonly ConfigProblem[] => {
  const control = config.issuers[name]?.control;
  if (control === undefined || Object.hasOwn(config.stores, control.store.store)) return [];
  return [
    { path: `issuers.${name}.control.store.store`, text: "names a store that is not configured" },
  ];
};

/** Every reference to a secret in the provider sections, with its path. */
export const secretReferences = (
  config: SharedConfig,
): readonly { readonly path: string; readonly text: string }[] => [
  ...Object.entries(config.issuers).flatMap(([name, issuer]) =>
    referencesIn(`issuers.${name}.options`, issuerCatalog, issuer),
  ),
  ...Object.entries(config.stores).flatMap(([name, store]) =>
    referencesIn(`stores.${name}.options`, storeCatalog, store),
  ),
];

const referencesIn = (
  path: string,
  catalog: Readonly<Record<string, { readonly secretOptions: readonly string[] }>>,
  given: { readonly kind: string; readonly options: unknown },
): { path: string; text: string }[] => {
  const entry = Object.hasOwn(catalog, given.kind) ? catalog[given.kind] : undefined;
  return (entry?.secretOptions ?? []).flatMap((option) =>
    textsAt(`${path}.${option}`, at(given.options, option.split("."))),
  );
};

const at = (value: unknown, keys: readonly string[]): unknown =>
  keys.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Record<string, unknown>)[key]
        : undefined,
    value,
  );

// What is no text is a problem of its own, told by the options' schema.
const textsAt = (path: string, value: unknown): { path: string; text: string }[] => {
  if (typeof value === "string") return [{ path, text: value }];
  if (!Array.isArray(value)) return [];
  return value.flatMap((one: unknown, index) =>
    typeof one === "string" ? [{ path: `${path}[${index}]`, text: one }] : [],
  );
};
