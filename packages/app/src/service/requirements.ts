import type { ConfigProblem, SecretReference, SecretSource } from "@rekey/runtime";
import type { ServiceConfig } from "../config/service.ts";
import { actingKinds, needsOf, type ProcessKind } from "../kinds/catalog.ts";
import type { PartName } from "../parts/opened.ts";
import { providerProblems } from "../parts/provider-problems.ts";
import { providerSecretProblems, unresolved } from "../parts/providers.ts";

type Section = "ledger" | "topics" | "jobs" | "pepper" | "gateway";

/** The section that each part is opened from; providers have theirs by name. */
const sectionOf: Readonly<Partial<Record<PartName, Section>>> = {
  topics: "topics",
  dispatcher: "jobs",
  fingerprint: "pepper",
};

const meant: Readonly<Record<Section, string>> = {
  ledger: "PostgreSQL",
  topics: "Kafka's brokers",
  jobs: "Redis",
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
  ];
};

/** Secrets that processes of these kinds read; of the parts that the file has, as it may have problems elsewhere. */
const secretsOf = (
  { ledger, topics, jobs, pepper, gateway }: Partial<ServiceConfig>,
  kinds: readonly ProcessKind[],
): readonly (readonly [string, SecretReference])[] => {
  const needs = needsOf(kinds);
  const sasl = topics?.sasl;
  const bearer = sasl?.mechanism === "oauthbearer" ? sasl : undefined;
  const password = sasl !== undefined && "password" in sasl ? sasl.password : undefined;
  const candidates: readonly (readonly [boolean, string, SecretReference | undefined])[] = [
    [true, "ledger.url", ledger?.url],
    [needs.has("dispatcher"), "jobs.url", jobs?.url],
    [needs.has("fingerprint"), "pepper.key", pepper?.key],
    [needs.has("topics"), "topics.tls.key", topics?.tls?.key],
    [needs.has("topics"), "topics.sasl.password", password],
    [needs.has("topics"), "topics.sasl.token", bearer?.token],
    [needs.has("topics"), "topics.sasl.grant.clientSecret", bearer?.grant?.clientSecret],
    [kinds.includes("gateway"), "gateway.tcp.tls.key", gateway?.tcp?.tls?.key],
  ];
  return candidates.flatMap(([needed, path, reference]) =>
    needed && reference !== undefined ? [[path, reference] as const] : [],
  );
};

/** One file serves every kind of process; sections that this kind does not need are not missed, and their secrets not read. */
const missingSections = (
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
