import type { Clock, Failpoint, Issuer, IssuerId, Store, StoreId } from "@rekey/domain";
import { issuerId, storeId } from "@rekey/domain";
import { issuerCatalog } from "@rekey/issuers";
import {
  ConfigFault,
  parseReference,
  SecretFault,
  type ConfigProblem,
  type SecretReference,
  type SecretSource,
} from "@rekey/runtime";
import type { Secret } from "@rekey/secret";
import { storeCatalog } from "@rekey/stores";
import type { SharedConfig } from "../config/sections.ts";
import type { Providers } from "./opened.ts";
import { providerProblems, secretReferences } from "./provider-problems.ts";

type Sources = (reference: SecretReference) => SecretSource;

interface OpenOptions {
  readonly config: SharedConfig;
  readonly sources: Sources;
  readonly clock: Clock;
  readonly failpoint: Failpoint;
}

const referenceShape = "must be env:NAME, file:path or store:<store>/<address>#<field>";

const resolver =
  (sources: Sources) =>
  async (text: string): Promise<Secret> => {
    const reference = parseReference(text);
    if (reference === undefined) throw new ConfigFault([{ path: "", text: referenceShape }]);
    return await sources(reference).read();
  };

/** What the schema alone cannot tell, all at once: kinds, options, names, and secrets that lead nowhere. */
export const configProblems = async (
  config: SharedConfig,
  sources: Sources,
): Promise<readonly ConfigProblem[]> => [
  ...providerProblems(config),
  ...(await referenceProblems(config, sources)),
];

/** Secrets that lead nowhere are found before anything starts. */
const referenceProblems = async (
  config: SharedConfig,
  sources: Sources,
): Promise<readonly ConfigProblem[]> => {
  const { pepper } = config;
  const problems: ConfigProblem[] =
    pepper === undefined
      ? []
      : [...(await unresolved("pepper.key", async () => await sources(pepper.key).read()))];
  for (const { path, text } of secretReferences(config)) {
    const reference = parseReference(text);
    if (reference === undefined) problems.push({ path, text: referenceShape });
    else problems.push(...(await unresolved(path, async () => await sources(reference).read())));
  }
  return problems;
};

const unresolved = async (
  path: string,
  read: () => Promise<Secret>,
): Promise<readonly ConfigProblem[]> => {
  try {
    await read();
    return [];
  } catch (error) {
    if (error instanceof SecretFault) return [{ path, text: error.publicText }];
    throw error;
  }
};

/** Opens every configured issuer and store; nothing is sent before the first call. Throws ConfigFault with every problem. */
export const openProviders = async ({
  config,
  sources,
  clock,
  failpoint,
}: OpenOptions): Promise<Providers> => {
  const problems = await configProblems(config, sources);
  if (problems.length > 0) throw new ConfigFault(problems);
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

/** Ends every connection to providers and stores. */
export const closeProviders = async ({ issuers, stores }: Providers): Promise<void> => {
  await Promise.all(
    [...issuers.values(), ...stores.values()].map(async (provider) => await provider.close()),
  );
};
