import kafkajs from "kafkajs";
import type { Admin, DescribeConfigResponse } from "kafkajs";
import type { FoundTopic } from "./plan-topics.ts";

/** Those among them that are there. */
export async function findTopics(admin: Admin, wanted: readonly string[]): Promise<FoundTopic[]> {
  const there = new Set(await admin.listTopics());
  const names = wanted.filter((name) => there.has(name));
  if (names.length === 0) return [];
  const { topics } = await admin.fetchTopicMetadata({ topics: names });
  const { resources } = await describe(admin, names);
  return topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.length,
    replicas: Math.min(...partitions.map((partition) => partition.replicas.length)),
    settings: Object.fromEntries(
      entriesOf(resources, name).map(({ configName, configValue }) => [configName, configValue]),
    ),
  }));
}

/** What applies to each, whoever set it. */
export const describe = async (
  admin: Admin,
  names: readonly string[],
): Promise<DescribeConfigResponse> =>
  await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
  });

export const entriesOf = (resources: DescribeConfigResponse["resources"], name: string) =>
  resources.find(({ resourceName }) => resourceName === name)?.configEntries ?? [];
