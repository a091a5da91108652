import type { OutgoingRecord } from "@rekey/domain";
import fc from "fast-check";
import kafkajs from "kafkajs";
import type { Message, PartitionerArgs } from "kafkajs";
import { expect, test } from "vitest";
import { toMessage } from "./messages.ts";
import { createPlacing } from "./placing.ts";

const partitions = (count: number): PartitionerArgs["partitionMetadata"] =>
  Array.from({ length: count }, (_, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader: 1,
    replicas: [],
    isr: [],
    offlineReplicas: [],
  }));

const record = (topic: string, key: string, number = 0): OutgoingRecord => ({
  topic,
  key,
  headers: { number: String(number) },
  value: new Uint8Array(),
});

const outgoing = fc
  .array(fc.tuple(fc.constantFrom("a", "b"), fc.string({ maxLength: 3 })), { maxLength: 60 })
  .map((all) => all.map(([topic, key], number) => toMessage(record(topic, key, number))));

const numberOf = ({ headers }: Message): string => String(headers?.["number"]);

const kafkas = kafkajs.Partitioners.DefaultPartitioner();

test("every record is sent once, to the partition of Kafka's own choice, one partition at a time, in order", () => {
  fc.assert(
    fc.property(outgoing, fc.integer({ min: 1, max: 20 }), (messages, count) => {
      const placing = createPlacing();
      const partitioner = placing.createPartitioner();
      const partitionMetadata = partitions(count);
      for (const topic of placing.unseen(messages)) placing.tell(topic, partitionMetadata);
      expect(placing.unseen(messages)).toEqual([]);
      const sent = placing.split(messages).map(({ topic, messages: together }) => {
        const chosen = together.map((message) =>
          partitioner({ topic, partitionMetadata, message }),
        );
        expect(new Set(chosen).size).toBe(1);
        return [`${topic} ${chosen[0]}`, together.map(numberOf)] as const;
      });
      expect(new Set(sent.map(([place]) => place)).size).toBe(sent.length);
      const wanted = Map.groupBy(
        messages,
        ({ topic, message }) => `${topic} ${kafkas({ topic, partitionMetadata, message })}`,
      );
      expect(new Map(sent)).toEqual(
        new Map(
          [...wanted].map(([place, all]) => [place, all.map((one) => numberOf(one.message))]),
        ),
      );
    }),
  );
});

test("partitions that were added count from when a producer saw them", () => {
  const placing = createPlacing();
  const keys = Array.from({ length: 40 }, (_, key) => toMessage(record("a", String(key))));
  placing.tell("a", partitions(1));
  expect(placing.split(keys)).toHaveLength(1);
  const message = { value: null, partition: 0 };
  placing.createPartitioner()({ topic: "a", partitionMetadata: partitions(4), message });
  expect(placing.split(keys)).toHaveLength(4);
});

test("a topic that was made again with fewer partitions is no silence", () => {
  const placing = createPlacing();
  placing.tell("a", partitions(1_000));
  const [message] = placing.split([toMessage(record("a", "k"))])[0]?.messages ?? [];
  expect(message?.partition).toBeGreaterThan(0);
  const asked = {
    topic: "a",
    partitionMetadata: partitions(1),
    message: message ?? { value: null },
  };
  expect(() => placing.createPartitioner()(asked)).toThrow("is no more");
});
