import { describeStack } from "@rekey/stack/vitest";
import kafkajs from "kafkajs";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { freshName, ignoreErrors, indexesOf, range, takeover } from "../suite/world.suite.ts";
import type { OpenLog } from "../suite/world.suite.ts";
import { registerCodecs } from "./codecs.ts";
import { javaClient } from "./java-client.suite.ts";
import { kafkaWorld } from "./world.suite.ts";
import type { KafkaWorld } from "./world.suite.ts";

let world: KafkaWorld;
const opened: OpenLog[] = [];

describeStack(["kafka"], "together with Kafka's own client", () => {
  beforeAll(async () => {
    world = await kafkaWorld();
  });
  afterAll(() => world.end());
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((log) => log.close()));
  });
  readsEveryCodec();
  writesEveryCodec();
  keysKeepTheirPartition();
});

const open = async (): Promise<OpenLog> => {
  const log = await world.open();
  opened.push(log);
  return log;
};

function readsEveryCodec(): void {
  test.each(["none", "gzip", "snappy", "lz4", "zstd"])(
    "what it compressed with %s is read",
    async (codec) => {
      const log = await open();
      const topic = await world.newTopic(2);
      await javaClient("produce", world.kafka.brokers.join(), topic, codec, "200");
      const seen: number[] = [];
      const values: string[] = [];
      await log.source.subscribe({
        topics: [topic],
        group: freshName("group"),
        batchMax: 50,
        onBatch: async (batch) => {
          seen.push(...indexesOf(batch));
          values.push(...batch.records.map(({ value }) => Buffer.from(value).toString("utf8")));
        },
        onError: ignoreErrors,
      });
      await vi.waitFor(() => expect(new Set(seen).size).toBe(200), takeover);
      expect(new Set(seen)).toEqual(new Set(range(0, 200)));
      const wanted = seen.map((index) => `value ${index} ${"x".repeat(500)}`);
      expect(values).toEqual(wanted);
    },
  );
}

function writesEveryCodec(): void {
  const { GZIP, Snappy, LZ4, ZSTD } = kafkajs.CompressionTypes;
  test.each([
    ["gzip", GZIP],
    ["snappy", Snappy],
    ["lz4", LZ4],
    ["zstd", ZSTD],
  ])("what is compressed here with %s is read by it", async (_name, compression) => {
    registerCodecs();
    const topic = await world.newTopic(1);
    const logLevel = kafkajs.logLevel.NOTHING;
    const producer = new kafkajs.Kafka({ brokers: [...world.kafka.brokers], logLevel }).producer({
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    try {
      const messages = range(0, 100).map((index) => ({
        key: `key-${index}`,
        value: "y".repeat(index + 400),
      }));
      await producer.send({ topic, compression, messages });
    } finally {
      await producer.disconnect();
    }
    const lines = await javaClient("consume", world.kafka.brokers.join(), topic, "100");
    expect(lines).toEqual(range(0, 100).map((index) => `0 key-${index} ${index + 400}`));
  });
}

function keysKeepTheirPartition(): void {
  test("a key has one partition, whichever client appends", async () => {
    const log = await open();
    const topic = await world.newTopic(12);
    const places = new Map<string, Set<number>>();
    await log.source.subscribe({
      topics: [topic],
      group: freshName("group"),
      batchMax: 500,
      onBatch: async (batch) => {
        for (const { key, partition } of batch.records) {
          places.set(key, (places.get(key) ?? new Set()).add(partition));
        }
      },
      onError: ignoreErrors,
    });
    const keys = range(0, 300).map((index) => `key-${index}`);
    await log.sink.append(
      keys.map((key) => ({ topic, key, headers: { index: "0" }, value: Buffer.from(key) })),
    );
    await vi.waitFor(() => expect(places.size).toBe(300), takeover);
    const ours = new Map([...places].map(([key, [partition]]) => [key, partition]));
    await javaClient("produce", world.kafka.brokers.join(), topic, "none", "300");
    await vi.waitFor(async () => {
      const ends = await world.admin.fetchTopicOffsets(topic);
      expect(ends.reduce((sum, { high }) => sum + Number(high), 0)).toBe(600);
    }, takeover);
    const theirs = await javaClient("consume", world.kafka.brokers.join(), topic, "600");
    for (const line of theirs) {
      const [partition, key = ""] = line.split(" ");
      expect(Number(partition)).toBe(ours.get(key));
    }
    expect(theirs).toHaveLength(600);
    expect(new Set(ours.values()).size).toBe(12);
  });
}
