import {
  plaintextProblem,
  SecretFault,
  type ConfigProblem,
  type SecretReference,
  type SecretSource,
} from "@rekey/runtime";
import type { ServiceConfig } from "../config/service.ts";
import { actingKinds, needsOf, type ProcessKind } from "../kinds/catalog.ts";
import type { PartName } from "../parts/opened.ts";
import { providerProblems } from "../parts/provider-problems.ts";
import { providerSecretProblems, unresolved } from "../parts/providers.ts";

type Section = "ledger" | "kafka" | "redis" | "pepper" | "gateway";

/** The section that each part is opened from; providers have theirs by name. */
const sectionOf: Readonly<Partial<Record<PartName, Section>>> = {
  topics: "kafka",
  dispatcher: "redis",
  fingerprint: "pepper",
};

const meant: Readonly<Record<Section, string>> = {
  ledger: "PostgreSQL",
  kafka: "Kafka's brokers",
  redis: "Redis",
  pepper: "the key that fingerprints are made with, the same in every process",
  gateway: "where the API listens",
};

type Sources = (reference: SecretReference) => SecretSource;

/** What the schema alone cannot tell of a configuration for these kinds, all at once. */
export const serviceProblems = async (
  config: ServiceConfig,
  kinds: readonly ProcessKind[],
  sources: Sources,
): Promise<readonly ConfigProblem[]> => {
  const acts = kinds.some((kind) => actingKinds.has(kind));
  const found = await Promise.all(
    secretsOf(config, kinds).map(
      async ([path, reference]) => await unresolved(path, sources(reference)),
    ),
  );
  return [
    ...missingSections(config, kinds),
    ...(needsOf(kinds).has("providers") ? providerProblems(config) : []),
    ...found.flat(),
    ...(acts ? await providerSecretProblems(config, sources) : []),
    ...(await ledgerUrlProblems(config, sources)),
  ];
};

/** Connection strings of the ledger that would send a password to another machine in the clear, unasked. */
const ledgerUrlProblems = async (
  { ledger }: Partial<ServiceConfig>,
  sources: Sources,
): Promise<readonly ConfigProblem[]> => {
  if (ledger === undefined) return [];
  try {
    const text = await plaintextProblem(sources(ledger.url));
    return text === undefined ? [] : [{ path: "ledger.url", text }];
  } catch (error) {
    if (error instanceof SecretFault) return [];
    throw error;
  }
};

/** Secrets that processes of these kinds read; of the parts that the file has, as it may have problems elsewhere. */
const secretsOf = (
  { ledger, kafka, redis, pepper, gateway }: Partial<ServiceConfig>,
  kinds: readonly ProcessKind[],
): readonly (readonly [string, SecretReference])[] => {
  const needs = needsOf(kinds);
  const sasl = kafka?.sasl;
  const bearer = sasl?.mechanism === "oauthbearer" ? sasl : undefined;
  const password = sasl !== undefined && "password" in sasl ? sasl.password : undefined;
  const candidates: readonly (readonly [boolean, string, SecretReference | undefined])[] = [
    [true, "ledger.url", ledger?.url],
    [needs.has("dispatcher"), "redis.url", redis?.url],
    [needs.has("fingerprint"), "pepper.key", pepper?.key],
    [needs.has("topics"), "kafka.tls.key", kafka?.tls?.key],
    [needs.has("topics"), "kafka.sasl.password", password],
    [needs.has("topics"), "kafka.sasl.token", bearer?.token],
    [needs.has("topics"), "kafka.sasl.clientSecret", bearer?.clientSecret],
    [kinds.includes("gateway"), "gateway.tcp.tls.key", gateway?.tcp?.tls?.key],
  ];
  return candidates.flatMap(([needed, path, reference]) =>
    needed && reference !== undefined ? [[path, reference] as const] : [],
  );
};

/** One file serves every kind of process; sections that this kind does not need are not missed, and their secrets not read. */
export const missingSections = (
  config: Partial<ServiceConfig>,
  kinds: readonly ProcessKind[],
): readonly ConfigProblem[] => {
  const needed: readonly Section[] = [...needsOf(kinds)].flatMap((part) => sectionOf[part] ?? []);
  const wanted: readonly Section[] = [
    "ledger",
    ...needed,
    ...(kinds.includes("gateway") ? (["gateway"] as const) : []),
  ];
  return wanted
    .filter((section) => config[section] === undefined)
    .map((section) => ({
      path: section,
      text: `is missing: ${kinds.join(", ")} needs ${meant[section]}`,
    }));
};
