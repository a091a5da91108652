import kafkajs from "kafkajs";
import type { ICustomPartitioner, Message, PartitionerArgs, TopicMessages } from "kafkajs";
import type { SizedMessage } from "./messages.ts";

/** Where records go, by what was seen of their topics last. */
export interface Placing {
  /** Kafka's own choice; every producer has to be made with it. */
  readonly createPartitioner: ICustomPartitioner;
  /** Topics among these whose partitions were never told. */
  unseen(messages: readonly SizedMessage[]): readonly string[];
  tell(topic: string, partitions: Partitions): void;
  /** Sends of one partition each, in the order of their records. Every topic has been told. */
  split(messages: readonly SizedMessage[]): readonly TopicMessages[];
}

type Partitions = PartitionerArgs["partitionMetadata"];

/**
 * kafkajs 2.2.4 asks each broker once for a send: when the leader of one partition is gone and the next one is a
 * broker that has answered for another partition, it sends the records nowhere and says that they are stored.
 */
export function createPlacing(): Placing {
  const choose = kafkajs.Partitioners.DefaultPartitioner();
  const seen = new Map<string, Partitions>();
  return {
    createPartitioner: () => (asked) => {
      const { topic, partitionMetadata, message } = asked;
      seen.set(topic, partitionMetadata);
      const chosen = choose(asked);
      // Records of a partition that is no more would be left out without a word.
      if (chosen < partitionMetadata.length) return chosen;
      throw new Error(`partition ${message.partition} is no more`);
    },
    unseen: (messages) => [
      ...new Set(messages.map(({ topic }) => topic).filter((topic) => !seen.has(topic))),
    ],
    tell: (topic, partitions) => void seen.set(topic, partitions),
    split(messages) {
      const sends = new Map<string, { topic: string; messages: Message[] }>();
      for (const { topic, message } of messages) {
        const partitionMetadata = seen.get(topic) ?? [];
        const partition = choose({ topic, partitionMetadata, message });
        const name = `${partition} ${topic}`;
        const send = sends.get(name) ?? { topic, messages: [] };
        send.messages.push({ ...message, partition });
        sends.set(name, send);
      }
      return [...sends.values()];
    },
  };
}
