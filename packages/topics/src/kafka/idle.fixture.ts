import { createHook } from "node:async_hooks";
import { silentLog, systemClock } from "@rekey/runtime";
import { eventually } from "@rekey/testkit";
import kafkajs from "kafkajs";
import { openKafkaTopics } from "./open.ts";

// A reader that has nothing to do. It counts the timers of some idle seconds, closes, writes what it saw
// and must then end by itself: a timer or a connection left behind would keep it alive.
const { brokers, topic, plain } = JSON.parse(process.argv[2] ?? "") as {
  brokers: string[];
  topic: string;
  /** With kafkajs as it is, to show that the count can tell. */
  plain: boolean;
};
const idleMs = 3_000;
let timers = 0;
let warnings = 0;
createHook({ init: (_id, kind) => void (kind === "Timeout" && (timers += 1)) }).enable();
process.on("warning", () => void (warnings += 1));
const close = await (plain ? readPlainly() : read());
timers = 0;
const before = process.cpuUsage();
await new Promise((resolve) => setTimeout(resolve, idleMs));
const used = process.cpuUsage(before);
const seen = {
  timersPerSecond: Math.round(timers / (idleMs / 1_000)),
  cpuPercent: (used.user + used.system) / 10 / idleMs,
  rssMebibytes: Math.round(process.memoryUsage().rss / 1_048_576),
  warnings,
};
await close();
process.stdout.write(`${JSON.stringify(seen)}\n`);

async function read(): Promise<() => Promise<void>> {
  const log = openKafkaTopics({
    brokers,
    clientId: "rekey-idle",
    log: silentLog,
    clock: systemClock,
    topics: [topic],
  });
  const received = new Promise<void>((resolve, reject) => {
    const request = { topics: [topic], group: "idle", batchMax: 10 };
    const onBatch = async (): Promise<void> => resolve();
    log.source.subscribe({ ...request, onBatch, onError: () => undefined }).catch(reject);
  });
  // A broker that has just begun still loads its groups, and finds out which partitions it leads.
  await eventually(
    async () => {
      await log.sink.append([{ topic, key: "k", headers: {}, value: Buffer.from("v") }]);
      return true;
    },
    { withinMs: 60_000, everyMs: 100 },
  );
  await received;
  return async () => await log.close();
}

async function readPlainly(): Promise<() => Promise<void>> {
  const logLevel = kafkajs.logLevel.NOTHING;
  const consumer = new kafkajs.Kafka({ brokers, logLevel }).consumer({
    groupId: "idle-plain",
    maxWaitTimeInMs: 300,
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer.run({ eachMessage: async () => resolve() }).catch(reject);
  });
  return async () => await consumer.disconnect();
}
