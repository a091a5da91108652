import type { Clock, Failpoint, Issuer, IssuerId, Problem, Store, StoreId } from "@rekey/domain";
import { issuerId, storeId } from "@rekey/domain";
import { issuerCatalog } from "@rekey/issuers";
import {
  ConfigFault,
  parseReference,
  type SecretReference,
  type SecretSource,
} from "@rekey/runtime";
import type { Secret } from "@rekey/secret";
import { storeCatalog } from "@rekey/stores";
import type { z } from "zod";
import type { RekeyConfig } from "./config.ts";

type Sources = (reference: SecretReference) => SecretSource;

interface Providers {
  readonly issuers: ReadonlyMap<IssuerId, Issuer>;
  readonly stores: ReadonlyMap<StoreId, Store>;
}

interface OpenOptions {
  readonly config: RekeyConfig;
  readonly sources: Sources;
  readonly clock: Clock;
  readonly failpoint: Failpoint;
}

const resolver =
  (sources: Sources) =>
  async (text: string): Promise<Secret> => {
    const reference = parseReference(text);
    if (reference === undefined)
      throw new ConfigFault([
        { path: "", text: "a secret is referred to as env:NAME, file:path or store:…" },
      ]);
    return await sources(reference).read();
  };

/** Every problem of the provider sections at once: unknown kinds and options that do not fit. */
const problemsOf = (config: RekeyConfig): readonly Problem[] => [
  ...Object.entries(config.issuers).flatMap(([name, { kind, options }]) =>
    checkOptions(`issuers.${name}`, issuerCatalog, { kind, options }),
  ),
  ...Object.entries(config.stores).flatMap(([name, { kind, options }]) =>
    checkOptions(`stores.${name}`, storeCatalog, { kind, options }),
  ),
];

const checkOptions = (
  path: string,
  catalog: Readonly<Record<string, { readonly optionsSchema: z.ZodType }>>,
  given: { readonly kind: string; readonly options: unknown },
): readonly Problem[] => {
  const entry = catalog[given.kind];
  if (entry === undefined)
    return [{ path: `${path}.kind`, reason: `is not one of ${Object.keys(catalog).join(", ")}` }];
  const parsed = entry.optionsSchema.safeParse(given.options);
  if (parsed.success) return [];
  return parsed.error.issues.map((issue) => ({
    path: [path, "options", ...issue.path].join("."),
    reason: issue.message,
  }));
};

/** Opens every configured issuer and store; nothing is sent before the first call. Throws ConfigFault with every problem. */
export const openProviders = async ({
  config,
  sources,
  clock,
  failpoint,
}: OpenOptions): Promise<Providers> => {
  const problems = problemsOf(config);
  if (problems.length > 0)
    throw new ConfigFault(problems.map(({ path, reason }) => ({ path, text: reason })));
  const resolve = resolver(sources);
  const issuers = new Map<IssuerId, Issuer>();
  for (const [name, { options }] of Object.entries(config.issuers)) {
    const entry = issuerCatalog["postgres-role"];
    const parsed = entry.optionsSchema.parse(options);
    issuers.set(
      issuerId(name),
      entry.open({
        instance: issuerId(name),
        options: parsed,
        secrets: { admin: await resolve(parsed.admin) },
      }),
    );
  }
  const stores = new Map<StoreId, Store>();
  for (const [name, { options }] of Object.entries(config.stores)) {
    const entry = storeCatalog["sealed-file"];
    const parsed = entry.optionsSchema.parse(options);
    stores.set(
      storeId(name),
      entry.open({
        instance: storeId(name),
        options: parsed,
        clock,
        resolveSecret: resolve,
        failpoint,
      }),
    );
  }
  return { issuers, stores };
};
