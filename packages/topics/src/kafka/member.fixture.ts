import { on } from "node:events";
import { silentLog, systemClock } from "@rekey/runtime";
import { openKafkaTopics } from "./open.ts";
import type { KafkaPace } from "./pace.ts";

// One member of a group in a process of its own, made to be paused and killed. It writes
// `started <partition> <offset>` and `finished`; a stuck one finishes one batch for each line on its input.
const options = JSON.parse(process.argv[2] ?? "") as {
  brokers: string[];
  topic: string;
  group: string;
  stuck: boolean;
  pace: Partial<KafkaPace>;
};
const lines = on(process.stdin, "data");
const released = async (): Promise<unknown> => options.stuck && (await lines.next());
const log = openKafkaTopics({
  brokers: options.brokers,
  clientId: "rekey-member",
  log: silentLog,
  clock: systemClock,
  topics: [options.topic],
  pace: options.pace,
});
await log.source.subscribe({
  topics: [options.topic],
  group: options.group,
  batchMax: 10,
  onBatch: async (batch) => {
    process.stdout.write(`started ${batch.partition} ${batch.records[0]?.offset}\n`);
    await released();
    // Resolved and committed a moment later: the line comes after the commit was tried.
    setTimeout(() => process.stdout.write("finished\n"), 500);
  },
  onError: () => undefined,
});
process.stdout.write("ready\n");
