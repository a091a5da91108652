import { eventually } from "@rekey/testkit";
import type { RunningKafka } from "@rekey/stack";
import kafkajs, { type Admin } from "kafkajs";
import { expect } from "vitest";
import type { World } from "./world.fixture.ts";

/** The brokers as somebody sees them who administers them. */
export interface Brokers {
  readonly nodes: readonly RunningKafka[];
  /** A partition of the topic that is led by the broker which leads this group as well. */
  ledTogether(topic: string, group: string): Promise<{ partition: number; leader: RunningKafka }>;
  /** Resolves when each copy of each partition has caught up. */
  inSync(): Promise<void>;
}

const within = { withinMs: 120_000, everyMs: 200 };
const offsetsTopic = "__consumer_offsets";

export const brokersOf = ({ started }: Pick<World, "started">): Brokers => {
  const { kafkaNodes: nodes, systems } = started;
  const ask = async <Answer>(question: (admin: Admin) => Promise<Answer>): Promise<Answer> => {
    const kafka = new kafkajs.Kafka({
      clientId: "administrator",
      brokers: [...systems.kafka.brokers],
      logLevel: kafkajs.logLevel.NOTHING,
    });
    const admin = kafka.admin();
    try {
      await admin.connect();
      return await question(admin);
    } finally {
      await admin.disconnect();
    }
  };
  const partitionsOf = async (topic: string) => {
    const { topics } = await ask((admin) => admin.fetchTopicMetadata({ topics: [topic] }));
    return topics[0]?.partitions ?? [];
  };
  return {
    nodes,
    ledTogether: async (topic, group) =>
      await eventually(async () => {
        const groups = await partitionsOf(offsetsTopic);
        const place = groupPartition(group, groups.length);
        const leader = groups.find(({ partitionId }) => partitionId === place)?.leader;
        const node = nodes[(leader ?? 0) - 1];
        const found = (await partitionsOf(topic)).find((one) => one.leader === leader);
        if (node === undefined || found === undefined)
          throw new Error(`nobody leads both a partition of ${topic} and ${group}`);
        return { partition: found.partitionId, leader: node };
      }, within),
    inSync: async () =>
      await eventually(async () => {
        const { topics } = await ask((admin) => admin.fetchTopicMetadata());
        const partitions = topics.flatMap((topic) => topic.partitions);
        const behind = partitions.filter(({ isr, replicas }) => isr.length < replicas.length);
        expect(topics.map(({ name }) => name)).toContain(offsetsTopic);
        expect(behind.length).toBe(0);
      }, within),
  };
};

/** Kafka's own choice: the hash that Java has for a text, without its sign. */
const groupPartition = (group: string, partitions: number): number => {
  let hash = 0;
  for (const unit of group.split("")) hash = (Math.imul(hash, 31) + unit.charCodeAt(0)) | 0;
  return (hash & 0x7fff_ffff) % partitions;
};
