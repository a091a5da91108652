import type { Clock } from "@rekey/domain";
import type { Log } from "@rekey/runtime";
import type { RedisQueueBackend } from "bullmq";
import { withBackend } from "bullmq";
import type { LaneWorker, WorkerRequest } from "../bullmq/backend.ts";
import { patientBackend } from "../bullmq/patient-backend.ts";
import { workerSettings } from "../bullmq/settings.ts";
import type { JobsPace } from "../pace.ts";
import { endClient, openClient } from "./clients.ts";
import type { RedisClient, RedisPlace } from "./clients.ts";
import { blockingConnection, queueBackend, sharedConnection } from "./queue-backend.ts";
import type { NoConnection } from "./queue-backend.ts";

export interface RedisWorkerOptions extends RedisPlace {
  /** Already in braces. */
  readonly prefix: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly pace: JobsPace;
}

/** BullMQ blocks up to 10 s where a delayed job waits; a half-open connection is found a second after this. */
const blockSeconds = 5;
// A worker whose commands get no answer is closed without them.
const closeMs = 800;

interface WorkerClients {
  readonly fetch: RedisClient;
  readonly wait: RedisClient;
}

/** The two connections of a worker: its commands must not stand behind its blocking read. */
export async function openWorkerClients(place: RedisPlace): Promise<WorkerClients> {
  const fetch = await openClient(place, "fetch");
  try {
    return { fetch, wait: await openClient(place, "wait") };
  } catch (error) {
    endClient(fetch.redis);
    throw error;
  }
}

/** Serves a lane from when Redis can be reached; `end` gives up both connections and what waits for them. */
export function startWorker(
  options: RedisWorkerOptions,
  clients: WorkerClients & { readonly end: () => void },
  request: WorkerRequest,
): LaneWorker {
  const { clock, pace, prefix } = options;
  const [fetch, wait] = [clients.fetch.redis, clients.wait.redis];
  let stopping = false;
  const { Worker } = withBackend<RedisQueueBackend, NoConnection>((name, queueOptions) =>
    forOneServing(
      patientBackend(
        queueBackend({
          connection: sharedConnection(fetch),
          blocking: blockingConnection(wait),
          name,
          options: { ...queueOptions, prefix },
        }),
        clock,
      ),
      () => stopping,
    ),
  );
  const worker = new Worker(request.lane, async (job) => request.perform(job.data), {
    ...workerSettings,
    connection: {},
    prefix,
    concurrency: request.slots,
    lockDuration: pace.lockMs,
    stalledInterval: pace.stalledMs,
  });
  worker.on("error", (error) => {
    const fault = clients.fetch.faultOf(error);
    options.log.debug("a lane's backend failed", { lane: request.lane, error: fault });
  });
  worker.run().catch(() => undefined);
  return {
    async pause() {
      stopping = true;
      await worker.pause(true);
      endClient(wait);
    },
    async close(force) {
      const cancel = clock.after(force || fetch.status !== "ready" ? 0 : closeMs, clients.end);
      await worker.close(force);
      cancel();
      clients.end();
    },
  };
}

/** A worker that stops ends its blocking read, after which BullMQ would connect again at once. */
function forOneServing(backend: RedisQueueBackend, stopping: () => boolean): RedisQueueBackend {
  const reconnect = backend.reconnectBlocking.bind(backend);
  backend.reconnectBlocking = async () => {
    if (!stopping()) await reconnect();
  };
  Object.defineProperty(backend, "maximumBlockTimeout", { value: blockSeconds });
  return backend;
}
