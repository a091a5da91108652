import type { Clock, Failpoint } from "@rekey/domain";
import { Assertion, issuerId, storeId } from "@rekey/domain";
import { issuerCatalog, type IssuerKind } from "@rekey/issuers";
import {
  ConfigFault,
  parseReference,
  SecretFault,
  type ConfigProblem,
  type SecretReference,
  type SecretSource,
} from "@rekey/runtime";
import type { Secret } from "@rekey/secret";
import { storeCatalog, type StoreKind } from "@rekey/stores";
import { createOwnLogins } from "@rekey/vault-client";
import type { SharedConfig } from "../config/sections.ts";
import type { Providers } from "./opened.ts";
import { providerProblems, secretReferences } from "./provider-problems.ts";

type Sources = (reference: SecretReference) => SecretSource;

interface OpenOptions {
  readonly config: SharedConfig;
  readonly sources: Sources;
  readonly clock: Clock;
  readonly failpoint: Failpoint;
  /** False where nothing is ever sent: then no secret of a provider is read. */
  readonly acts?: boolean;
}

const referenceShape = "must be env:NAME or file:path";

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
): Promise<readonly ConfigProblem[]> => {
  const { pepper } = config;
  return [
    ...providerProblems(config),
    ...(pepper === undefined ? [] : await unresolved("pepper.key", sources(pepper.key))),
    ...(await providerSecretProblems(config, sources)),
  ];
};

/** Secrets of providers that lead nowhere are found before anything starts. */
export const providerSecretProblems = async (
  config: SharedConfig,
  sources: Sources,
): Promise<readonly ConfigProblem[]> => {
  const problems: ConfigProblem[] = [];
  for (const { path, text } of secretReferences(config)) {
    const reference = parseReference(text);
    if (reference === undefined) problems.push({ path, text: referenceShape });
    else problems.push(...(await unresolved(path, sources(reference))));
  }
  return problems;
};

/** What is wrong with one secret, if anything. */
export const unresolved = async (
  path: string,
  source: SecretSource,
): Promise<readonly ConfigProblem[]> => {
  try {
    await source.read();
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
  acts = true,
}: OpenOptions): Promise<Providers> => {
  const problems = [
    ...providerProblems(config),
    ...(acts ? await providerSecretProblems(config, sources) : []),
  ];
  if (problems.length > 0) throw new ConfigFault(problems);
  const resolveSecret = acts ? resolver(sources) : noCredentials;
  const setup = { clock, failpoint, resolveSecret, ownLogins: createOwnLogins(clock) };
  return {
    acts,
    issuers: new Map(
      Object.entries(config.issuers).map(([name, { kind, options }]) => {
        const instance = issuerId(name);
        return [
          instance,
          issuerCatalog[kind as IssuerKind].openWith({ ...setup, instance, options }),
        ];
      }),
    ),
    stores: new Map(
      Object.entries(config.stores).map(([name, { kind, options }]) => {
        const instance = storeId(name);
        return [
          instance,
          storeCatalog[kind as StoreKind].openWith({ ...setup, instance, options }),
        ];
      }),
    ),
  };
};

/** A process that only asks what needs no request: whatever would act in it is our bug. */
const noCredentials = async (): Promise<never> =>
  await Promise.reject(new Assertion("this process acts at no provider"));

/** Ends every connection to providers and stores. */
export const closeProviders = async ({ issuers, stores }: Providers): Promise<void> => {
  await Promise.all(
    [...issuers.values(), ...stores.values()].map(async (provider) => await provider.close()),
  );
};
