import { join } from "node:path";
import { keptPassword, repairIdleTimer } from "@rekey/stack";
import kafkajs from "kafkajs";
import type { StartedSystems } from "../systems.ts";

interface Saying {
  /** Of the systems: passwords of Kafka's users stand below it. */
  readonly folder: string;
  readonly started: Pick<StartedSystems, "kafka">;
  readonly user: "payments" | "scanner";
  readonly topic: string;
  readonly value: string;
}

/** One record by one of Kafka's users, as any client sends it. Rejects with what the broker says. */
export const sayAs = async ({ folder, started, user, topic, value }: Saying): Promise<void> => {
  const password = await keptPassword(join(folder, "kafka", "credentials", user));
  repairIdleTimer();
  const kafka = new kafkajs.Kafka({
    clientId: user,
    brokers: [...started.kafka.brokers],
    logLevel: kafkajs.logLevel.NOTHING,
    sasl: { mechanism: "scram-sha-512", username: user, password: password.reveal() },
    retry: { retries: 2 },
  });
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  try {
    await producer.send({ topic, acks: -1, messages: [{ key: "payments-db", value }] });
  } finally {
    await producer.disconnect();
  }
};
