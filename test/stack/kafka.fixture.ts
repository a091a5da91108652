import { repairIdleTimer } from "@rekey/stack";
import kafkajs, { type Kafka } from "kafkajs";

/** What a producer of CloudEvents says that its record is. */
export const cloudEvent = "application/cloudevents+json";

/** One record, as any client of the broker sees it. */
export interface ForeignRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly value: string;
}

interface OutgoingForeign {
  readonly key: string;
  readonly value: string;
  /** What its writer says, in milliseconds since 1970; now by default. */
  readonly timestamp?: number;
  /** Chosen by the key by default. */
  readonly partition?: number;
}

/** A client of its own: nothing of Rekey's way to Kafka is in it. */
export interface ForeignKafka {
  /** Resolves when every replica has them. Tries again for as long as `retries` allows. */
  produce(topic: string, records: readonly OutgoingForeign[], contentType?: string): Promise<void>;
  /** Everything that stands in the topic now, in the order of each partition. */
  readAll(topic: string): Promise<readonly ForeignRecord[]>;
  close(): Promise<void>;
}

/** A second each: a broker that was killed may need minutes on a busy machine. */
const retries = 240;

export const openForeignKafka = async (brokers: readonly string[]): Promise<ForeignKafka> => {
  repairIdleTimer();
  const kafka = new kafkajs.Kafka({
    clientId: "foreign",
    brokers: [...brokers],
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { retries, initialRetryTime: 100, maxRetryTime: 1_000 },
  });
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  let readers = 0;
  return {
    produce: async (topic, records, contentType = "application/json") => {
      const messages = records.map(({ timestamp = Date.now(), ...record }) => ({
        ...record,
        timestamp: String(timestamp),
        headers: { "content-type": contentType },
      }));
      await producer.send({ topic, acks: -1, messages });
    },
    readAll: async (topic) =>
      await readAll(kafka, topic, `foreign-${process.pid}-${(readers += 1)}`),
    close: async () => await producer.disconnect(),
  };
};

const readAll = async (
  kafka: Kafka,
  topic: string,
  groupId: string,
): Promise<readonly ForeignRecord[]> => {
  const ends = await endsOf(kafka, topic);
  const records: ForeignRecord[] = [];
  if (ends.size === 0) return records;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 200 });
  const all = Promise.withResolvers<void>();
  const reached = (partition: number, next: number): void => {
    if (next >= (ends.get(partition) ?? 0)) ends.delete(partition);
    if (ends.size === 0) all.resolve();
  };
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => {
        const offset = Number(message.offset);
        const [key, value] = [String(message.key ?? ""), String(message.value ?? "")];
        if (ends.has(partition)) records.push({ partition, offset, key, value });
        reached(partition, offset + 1);
      },
    });
    await all.promise;
  } finally {
    await consumer.disconnect();
  }
  return records;
};

/** The next offset of each partition that holds something. */
const endsOf = async (kafka: Kafka, topic: string): Promise<Map<number, number>> => {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const offsets = await admin.fetchTopicOffsets(topic);
    return new Map(
      offsets
        .filter(({ low, high }) => Number(high) > Number(low))
        .map(({ partition, high }) => [partition, Number(high)]),
    );
  } finally {
    await admin.disconnect();
  }
};
