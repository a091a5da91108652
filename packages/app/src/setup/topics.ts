import { producerTopic } from "@rekey/contracts";
import {
  ConfigFault,
  createSecretSources,
  loadConfig,
  silentLog,
  systemClock,
} from "@rekey/runtime";
import { applyTopics, kafkaConnection, wantedTopics, type TopicsPlan } from "@rekey/topics";
import { serviceConfig } from "../config/service.ts";
import type { SetupRequest } from "./migrate.ts";

/** For ever, in Kafka's own words. */
const keptForEver = -1;

/**
 * Makes the topics that are missing and raises settings that are too low; with `check` it only says what it would
 * do. Safe to repeat. Throws ConfigFault, TOPICS_UNREACHABLE or TOPIC_REJECTED.
 */
export const applyServiceTopics = async ({
  configFile,
  environment,
  check,
}: SetupRequest & { readonly check: boolean }): Promise<TopicsPlan> => {
  const { kafka, producers } = await loadConfig({
    schema: serviceConfig,
    environment,
    ...(configFile !== undefined && { file: configFile }),
  });
  if (kafka === undefined)
    throw new ConfigFault([{ path: "kafka", text: "is missing: there are no brokers to ask" }]);
  const sources = createSecretSources({ environment, clock: systemClock });
  const { auditRetentionMs = keptForEver, ...topics } = kafka.topics;
  return await applyTopics({
    connection: {
      ...kafkaConnection(kafka, sources),
      clientId: `${kafka.clientId}-topics`,
      log: silentLog,
    },
    clock: systemClock,
    wanted: wantedTopics({
      ...topics,
      auditRetentionMs,
      incoming: Object.keys(producers).map((name) => producerTopic(name)),
    }),
    check,
  });
};
