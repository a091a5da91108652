import { topicNames } from "@rekey/contracts";
import { systemClock, type Log, type SecretReference, type SecretSource } from "@rekey/runtime";
import {
  kafkaConnection,
  openKafkaTopics,
  rightsJudgements,
  topicsJudgements,
  type KafkaSettings,
  type KafkaTopics,
  type RightsJudgement,
  type TopicUse,
  type TopicsJudgement,
} from "@rekey/topics";
import type { SharedConfig } from "../config/sections.ts";
import type { ProcessKind } from "../kinds/catalog.ts";
import { intakeGroup } from "../kinds/intake.ts";
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

/** What a process of these kinds reads and writes, as production.md has it granted. */
const useOf = ({ config, kinds }: Pick<TopicsRequest, "config" | "kinds">): TopicUse => ({
  reads: kinds.includes("intake") ? intakeTopics(config) : [],
  writes: [
    ...(kinds.includes("relay") ? outgoing : []),
    ...(kinds.includes("gateway") ? [topicNames.api] : []),
  ],
  group: intakeGroup,
});

/** It is refused any other topic, as the brokers should refuse it. */
const topicsOf = (request: TopicsRequest): readonly string[] => {
  const { reads, writes } = useOf(request);
  return [...new Set([...reads, ...writes])];
};

/** Kafka as a process of these kinds needs it. Nothing is connected before the first use. */
export const openTopics = (request: TopicsRequest): KafkaTopics =>
  openKafkaTopics({
    ...connectionOf(request),
    topics: topicsOf(request),
    clock: systemClock,
  });

/** What this login may do with these topics, and how safe their copies are, by what the brokers show to it. */
export const judgingTopics =
  (request: TopicsRequest): (() => Promise<readonly (RightsJudgement | TopicsJudgement)[]>) =>
  async () => {
    const asking = { connection: connectionOf(request), clock: systemClock };
    const [rights, copies] = await Promise.all([
      rightsJudgements({ ...asking, use: useOf(request) }),
      topicsJudgements({ ...asking, topics: topicsOf(request) }),
    ]);
    return [...rights, ...copies];
  };

const connectionOf = ({ section, kinds, sources, log }: TopicsRequest) => ({
  ...kafkaConnection(section, sources),
  clientId: `${section.clientId}-${kinds.length === 1 ? kinds[0] : "all"}`,
  log,
});
