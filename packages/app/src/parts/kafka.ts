import { topicNames } from "@rekey/contracts";
import { assert } from "@rekey/domain";
import { systemClock, type Log, type SecretReference, type SecretSource } from "@rekey/runtime";
import {
  grantedToken,
  openKafkaTopics,
  topicsJudgements,
  type KafkaSasl,
  type KafkaSettings,
  type KafkaTls,
  type KafkaTopics,
  type TopicsJudgement,
} from "@rekey/topics";
import type { SharedConfig } from "../config/sections.ts";
import type { ProcessKind } from "../kinds/catalog.ts";
import { intakeTopics } from "./incoming-topics.ts";

type Sources = (reference: SecretReference) => SecretSource;

interface TopicsRequest {
  readonly section: KafkaSettings;
  readonly config: Pick<SharedConfig, "producers">;
  readonly kinds: readonly ProcessKind[];
  readonly sources: Sources;
  readonly log: Log;
}

const outgoing = [topicNames.audit, topicNames.announcements, topicNames.quarantine];

/** Topics that a process of these kinds reads or writes: it is refused any other, as the brokers should refuse it. */
const topicsOf = ({ config, kinds }: TopicsRequest): readonly string[] => [
  ...(kinds.includes("intake") ? intakeTopics(config) : []),
  ...(kinds.includes("relay") ? outgoing : []),
  ...(kinds.includes("gateway") && !kinds.includes("intake") ? [topicNames.api] : []),
];

/** Kafka as a process of these kinds needs it. Nothing is connected before the first use. */
export const openTopics = (request: TopicsRequest): KafkaTopics =>
  openKafkaTopics({
    ...connectionOf(request),
    topics: topicsOf(request),
    clock: systemClock,
  });

/** How safe these topics' copies are, by what the brokers show to this login. */
export const judgingTopics =
  (request: TopicsRequest): (() => Promise<readonly TopicsJudgement[]>) =>
  async () =>
    await topicsJudgements({
      connection: connectionOf(request),
      topics: topicsOf(request),
      clock: systemClock,
    });

const connectionOf = ({ section, kinds, sources, log }: TopicsRequest) => ({
  ...kafkaConnection(section, sources),
  clientId: `${section.clientId}-${kinds.length === 1 ? kinds[0] : "all"}`,
  log,
});

/** Brokers and who Rekey is there; secrets are read when a connection is made. */
export const kafkaConnection = (
  section: KafkaSettings,
  sources: Sources,
): { readonly brokers: readonly string[]; readonly tls?: KafkaTls; readonly sasl?: KafkaSasl } => ({
  brokers: section.brokers,
  ...(section.tls && { tls: tlsOf(section.tls, sources) }),
  ...(section.sasl && { sasl: saslOf(section.sasl, sources) }),
});

const tlsOf = (
  { key, ...files }: NonNullable<KafkaSettings["tls"]>,
  sources: Sources,
): KafkaTls => ({ ...files, ...(key && { key: sources(key) }) });

const saslOf = (sasl: NonNullable<KafkaSettings["sasl"]>, sources: Sources): KafkaSasl => {
  if (sasl.mechanism !== "oauthbearer") return { ...sasl, password: sources(sasl.password) };
  const { mechanism, token, clientId, clientSecret, tokenUrl: url, scope } = sasl;
  if (token !== undefined) return { mechanism, token: sources(token) };
  const isWhole = url !== undefined && clientId !== undefined && clientSecret !== undefined;
  assert(isWhole, "the schema asks for a token or a whole grant");
  const grant = { url, clientId, clientSecret: sources(clientSecret), scope };
  return { mechanism, token: grantedToken(grant) };
};
