import type { Clock, IncomingBatch, SubscribeRequest } from "@rekey/domain";
import { within } from "./deadline.ts";
import { asKafkaFault, isGroupMoved } from "./faults.ts";
import type { KafkaPace } from "./pace.ts";
import type { Slot } from "./slot.ts";
import type { Slots } from "./slots.ts";

const commitMs = 10_000;

export interface DeliveryOptions {
  readonly clock: Clock;
  readonly pace: KafkaPace;
  readonly request: SubscribeRequest;
}

export interface Begin {
  readonly handlers: Slots;
  readonly mayBegin: () => boolean;
}

/** One batch through the handler; false when nothing waits, or nothing may begin. */
export async function deliverNext(
  options: DeliveryOptions,
  slot: Slot,
  begin: Begin,
): Promise<boolean> {
  await begin.handlers.enter();
  let rejected = false;
  try {
    const batch = begin.mayBegin() ? nextBatch(slot, options.request.batchMax) : undefined;
    if (batch === undefined) return false;
    rejected = !(await handled(options, slot, { batch, begin }));
  } finally {
    begin.handlers.leave();
  }
  if (rejected) await pause(options, slot);
  return true;
}

function nextBatch(slot: Slot, batchMax: number): IncomingBatch | undefined {
  const records = slot.queue.slice(0, slot.rejectedSize ?? batchMax);
  return records.length === 0 ? undefined : { ...slot.place, records };
}

/** False when the handler rejected a batch that is still this member's to bring again. */
async function handled(
  options: DeliveryOptions,
  slot: Slot,
  { batch, begin }: { readonly batch: IncomingBatch; readonly begin: Begin },
): Promise<boolean> {
  const { tenure } = slot;
  try {
    await options.request.onBatch(batch);
  } catch (error) {
    options.request.onError(error);
    if (slot.tenure !== tenure) return true;
    slot.rejectedSize = batch.records.length;
    return false;
  }
  // Lost meanwhile: another member has it, from the offset before, and its handler deduplicates.
  if (slot.tenure !== tenure) return true;
  const last = batch.records.at(-1)?.offset ?? -1n;
  slot.queue = slot.queue.filter((record) => record.offset > last);
  slot.rejectedSize = undefined;
  slot.rejections = 0;
  const offset = slot.queue.length === 0 && slot.through > last ? slot.through : last + 1n;
  await commitUntilDone(options, slot, { offset, begin });
  return true;
}

/** Tries until it succeeds, the partition is another's, or the member gets ready to leave it. */
async function commitUntilDone(
  options: DeliveryOptions,
  slot: Slot,
  { offset, begin }: { readonly offset: bigint; readonly begin: Begin },
): Promise<void> {
  const { tenure, place } = slot;
  while (slot.tenure === tenure && slot.reading !== undefined) {
    try {
      const committing = slot.reading.commit({ ...place, offset });
      await within(options.clock, commitMs, committing);
      slot.owedSinceMs = slot.queue.length === 0 ? undefined : options.clock.monotonicMs();
      return;
    } catch (error) {
      if (isGroupMoved(error)) return;
      options.request.onError(asKafkaFault(error));
    }
    if (!begin.mayBegin()) return;
    await pause(options, slot);
  }
}

async function pause({ clock, pace }: DeliveryOptions, slot: Slot): Promise<void> {
  const { redeliverMs, redeliverMaxMs } = pace;
  const pauseMs = Math.min(redeliverMs * 2 ** Math.min(slot.rejections, 16), redeliverMaxMs);
  slot.rejections += 1;
  await slot.retry.wait(clock, { atMostMs: pauseMs });
}
