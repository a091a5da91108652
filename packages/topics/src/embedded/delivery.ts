import type { Clock, IncomingBatch, SubscribeRequest } from "@rekey/domain";
import { commitOffset } from "./claims.ts";
import type { MemberName } from "./claims.ts";
import type { Database } from "./connect.ts";
import { asTopicsFault } from "./faults.ts";
import { fetchBatch } from "./fetch.ts";
import type { Held, Membership } from "./membership.ts";
import type { Pace } from "./pace.ts";

// Then the loop looks round again, so that one long partition does not keep its slot for ever.
const batchesPerTurnMax = 8;

/** Runs handlers, one at a time per partition. */
export interface Delivery {
  readonly start: (partition: Held) => void;
  readonly running: () => number;
  /** Begins no further batch and resolves when no handler runs. */
  readonly idle: () => Promise<void>;
}

interface DeliveryOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly member: MemberName;
  readonly request: SubscribeRequest;
  readonly membership: Membership;
  readonly onEnd: () => void;
}

export function createDelivery(options: DeliveryOptions): Delivery {
  const turns = new Set<Promise<void>>();
  let stopping = false;
  const turn = async (partition: Held): Promise<void> => {
    for (let batches = 0; batches < batchesPerTurnMax && !stopping; batches += 1) {
      if (!(await deliverNext(options, partition))) return;
    }
  };
  return {
    start(partition) {
      partition.running = true;
      const running = turn(partition)
        .catch((error: unknown) => {
          pause(options, partition);
          options.request.onError(error);
        })
        .finally(() => {
          partition.running = false;
          turns.delete(running);
          options.onEnd();
        });
      turns.add(running);
    },
    running: () => turns.size,
    async idle() {
      stopping = true;
      await Promise.all(turns);
    },
  };
}

/** One batch through the handler; false when there was none or the partition is no longer held. */
async function deliverNext(options: DeliveryOptions, partition: Held): Promise<boolean> {
  const batch = await fetchNext(options, partition);
  const last = batch.records.at(-1);
  if (last === undefined || !mayRun(options, partition)) return false;
  partition.owedSinceMs ??= options.clock.monotonicMs();
  await options.request.onBatch(batch);
  const committed = last.offset + 1n;
  if (!(await commit(options, partition, committed))) {
    // Another member runs this partition now, from the offset before: its handler deduplicates.
    options.membership.drop(partition);
    return false;
  }
  partition.owedSinceMs = undefined;
  partition.next = committed;
  partition.rejections = 0;
  return true;
}

async function fetchNext(options: DeliveryOptions, partition: Held): Promise<IncomingBatch> {
  try {
    return await fetchBatch(options.database, partition, options.request.batchMax);
  } catch (error) {
    throw asTopicsFault(error);
  }
}

/** A member that was paused past its lease must not begin: somebody else may have. */
const mayRun = (options: DeliveryOptions, partition: Held): boolean =>
  options.membership.holds(partition) &&
  options.clock.monotonicMs() < options.membership.leaseEndsAtMs();

async function commit(
  options: DeliveryOptions,
  partition: Held,
  committed: bigint,
): Promise<boolean> {
  const { topicId, number, fence } = partition;
  try {
    const claim = { topicId, number, fence, committed };
    return await commitOffset(options.database, options.member, claim);
  } catch (error) {
    throw asTopicsFault(error);
  }
}

function pause(options: DeliveryOptions, partition: Held): void {
  const { redeliverMs, redeliverMaxMs } = options.pace;
  const pauseMs = Math.min(redeliverMs * 2 ** Math.min(partition.rejections, 16), redeliverMaxMs);
  partition.rejections += 1;
  partition.pausedUntilMs = options.clock.monotonicMs() + pauseMs;
}
