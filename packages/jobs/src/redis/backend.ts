import { withBackend } from "bullmq";
import type { RedisQueueBackend } from "bullmq";
import type { JobsBackend } from "../bullmq/backend.ts";
import { eventsMax } from "../bullmq/settings.ts";
import { endClient } from "./clients.ts";
import type { RedisClient } from "./clients.ts";
import { queueBackend, sharedConnection } from "./queue-backend.ts";
import type { NoConnection } from "./queue-backend.ts";
import { openWorkerClients, startWorker } from "./worker.ts";
import type { RedisWorkerOptions } from "./worker.ts";

const checkKeyMs = 60_000;

/**
 * BullMQ on Redis: one connection for all invitations, two per served lane (one of them in a blocking read). Nothing
 * here needs Redis to be there: what asks is refused at once, what serves begins when it comes.
 */
export function redisBackend(options: RedisWorkerOptions, invite: RedisClient): JobsBackend {
  const { prefix } = options;
  const ends = new Set<() => void>([() => endClient(invite.redis)]);
  const connection = sharedConnection(invite.redis);
  const faulty = async <Value>(work: Promise<Value>): Promise<Value> => {
    try {
      return await work;
    } catch (error) {
      throw invite.faultOf(error);
    }
  };
  const { Queue } = withBackend<RedisQueueBackend, NoConnection>((name, queueOptions) =>
    queueBackend({ connection, name, options: { ...queueOptions, prefix } }),
  );
  return {
    queue(name) {
      const queue = new Queue(name, {
        connection: {},
        prefix,
        streams: { events: { maxLen: eventsMax } },
      });
      queue.on("error", () => undefined);
      return {
        add: (jobName, content, jobOptions) => faulty(queue.add(jobName, content, jobOptions)),
        getJob: (id) => faulty(queue.getJob(id)),
        getJobCounts: (...states) => faulty(queue.getJobCounts(...states)),
      };
    },
    async work(request) {
      const clients = await openWorkerClients(options);
      const end = (): void => {
        ends.delete(end);
        for (const { redis } of [clients.fetch, clients.wait]) endClient(redis);
      };
      ends.add(end);
      return startWorker(options, { ...clients, end }, request);
    },
    // A write: a Redis that is full or a replica answers reads.
    async check() {
      await faulty(invite.redis.set(`${prefix}:check`, "1", "PX", checkKeyMs));
    },
    async close() {
      for (const end of ends) end();
    },
  };
}
