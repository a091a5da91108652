import { fixedSource, silentLog, systemClock } from "@rekey/runtime";
import { openEmbeddedTopics } from "./open.ts";

// A process that appends, reads, closes and must then end by itself: a timer or a connection left
// behind would keep it alive.
const { url, topic, partitions } = JSON.parse(process.argv[2] ?? "") as {
  url: string;
  topic: string;
  partitions: number;
};
const log = await openEmbeddedTopics({
  connection: fixedSource(url),
  log: silentLog,
  clock: systemClock,
  topics: [{ name: topic, partitions }],
});
const received = new Promise<void>((resolve, reject) => {
  const subscribing = log.source.subscribe({
    topics: [topic],
    group: "closing",
    batchMax: 10,
    onBatch: async () => resolve(),
    onError: reject,
  });
  subscribing.catch(reject);
});
await log.sink.append([{ topic, key: "k", headers: {}, value: Buffer.from("v") }]);
await received;
await log.close();
process.stdout.write("closed\n");
