import type { Clock } from "@rekey/domain";
import type { Log, PostgresAddress } from "@rekey/runtime";
import {
  createPostgresBackend,
  PostgresConnection,
  PostgresQueueBackend,
  withBackend,
} from "bullmq";
import type { PostgresConnectionOptions, PostgresPoolConfig } from "bullmq";
import type { JobsBackend, LaneWorker, WorkerRequest } from "../bullmq/backend.ts";
import { patientBackend } from "../bullmq/patient-backend.ts";
import { eventsMax, workerSettings } from "../bullmq/settings.ts";
import type { JobsPace } from "../pace.ts";
import { jobsPoolConfig } from "./connect.ts";

/** For all invitations and counts of a process. */
const queueConnectionsMax = 2;
/** Per served lane, next to the one that listens. */
const workerConnectionsMax = 2;

interface BackendOptions {
  readonly connection: PostgresAddress;
  readonly clock: Clock;
  readonly log: Log;
  readonly pace: JobsPace;
}

/** BullMQ on PostgreSQL: one small pool for all queues, one per worker. Rejects when not reachable or not migrated. */
export async function openPostgresBackend(options: BackendOptions): Promise<JobsBackend> {
  const connection = new PostgresConnection(
    await jobsPoolConfig(options.connection, queueConnectionsMax),
  );
  // Heard, or an idle connection that breaks would end the process.
  connection.on("error", () => undefined);
  await connection.waitUntilReady().catch(async (error: unknown) => {
    await connection.close();
    throw error;
  });
  const { Queue } = withBackend<PostgresQueueBackend, PostgresConnectionOptions>(
    // Not the owner: a queue shares the connection that `close` ends.
    (name, queueOptions) => new PostgresQueueBackend(connection, name, queueOptions, false),
  );
  return {
    queue(name) {
      const queue = new Queue(name, {
        connection: connection.pool,
        streams: { events: { maxLen: eventsMax } },
      });
      queue.on("error", () => undefined);
      return queue;
    },
    work: async (request) => {
      const config = await jobsPoolConfig(options.connection, workerConnectionsMax);
      return await startWorker(options, config, request);
    },
    close: () => connection.close(),
  };
}

async function startWorker(
  options: BackendOptions,
  connection: PostgresPoolConfig,
  request: WorkerRequest,
): Promise<LaneWorker> {
  let backend: PostgresQueueBackend | undefined;
  const { Worker } = withBackend<PostgresQueueBackend, PostgresConnectionOptions>((...parts) => {
    backend = patientBackend(createPostgresBackend(...parts), options.clock);
    return backend;
  });
  const worker = new Worker(request.lane, async (job) => request.perform(job.data), {
    ...workerSettings,
    connection,
    concurrency: request.slots,
    lockDuration: options.pace.lockMs,
    stalledInterval: options.pace.stalledMs,
  });
  worker.on("error", (error) => {
    options.log.debug("a lane's backend failed", { lane: request.lane, error });
  });
  try {
    await worker.waitUntilReady();
  } catch (error) {
    await worker.close(true);
    throw error;
  }
  const running = worker.run();
  running.catch(() => undefined);
  return {
    async pause() {
      await worker.pause(true);
      await backend?.disconnectBlocking();
    },
    close: (force) => worker.close(force),
  };
}
