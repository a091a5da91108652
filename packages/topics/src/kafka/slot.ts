import type { Clock, IncomingRecord } from "@rekey/domain";
import { createBell } from "@rekey/runtime";
import type { Bell } from "@rekey/runtime";

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/**
 * What one fetch brought of one partition. `through`: the offset after it, control records included. `taken` is called at
 * once or never: what was not taken comes again.
 */
export type Fetched = TopicPartition & {
  readonly records: readonly IncomingRecord[];
  readonly through: bigint;
  readonly taken: () => void;
};

/** The consumer as its deliveries see it. */
export interface Reading {
  /** `offset` is the next one to be read. Rejects when the group moved on. */
  commit(offset: TopicPartition & { readonly offset: bigint }): Promise<void>;
  pause(place: TopicPartition): void;
  resume(place: TopicPartition): void;
}

/** One partition: what was fetched of it and not yet handled. */
export interface Slot {
  readonly place: TopicPartition;
  /** Rung when there is room for another fetch. */
  readonly room: Bell;
  /** Rung when a pause before the next try is over early. */
  readonly retry: Bell;
  queue: readonly IncomingRecord[];
  through: bigint;
  /** Replaced when the partition is lost: what began under another one commits nothing. */
  tenure: object;
  reading: Reading | undefined;
  isPaused: boolean;
  rejections: number;
  /** Size of the batch that was rejected: the same one comes again. */
  rejectedSize: number | undefined;
  turn: Promise<void> | undefined;
  /** Monotonic: since when something fetched waits for the next commit. */
  owedSinceMs: number | undefined;
}

/** How long a fetch waits for a handler to take something before its partition is left out of the next. */
export const roomMs = 100;

export const keyOf = ({ topic, partition }: TopicPartition): string => `${partition} ${topic}`;

export const createSlot = ({ topic, partition }: TopicPartition): Slot => ({
  place: { topic, partition },
  room: createBell(),
  retry: createBell(),
  queue: [],
  through: 0n,
  tenure: {},
  reading: undefined,
  isPaused: false,
  rejections: 0,
  rejectedSize: undefined,
  turn: undefined,
  owedSinceMs: undefined,
});

/** After a rebalance: whatever waited is fetched again from the committed offset. */
export function restart(slot: Slot, isKept: boolean): void {
  slot.queue = [];
  slot.owedSinceMs = undefined;
  slot.rejectedSize = undefined;
  if (!isKept) {
    slot.tenure = {};
    slot.rejections = 0;
  }
  resume(slot);
  slot.room.ring();
  slot.retry.ring();
}

const hasRoom = (slot: Slot, batchMax: number): boolean => slot.queue.length < 2 * batchMax;

/** A full partition first holds the fetch back a little; one that stays full is left out of the next. */
export async function waitForRoom(
  slot: Slot,
  { clock, batchMax }: { readonly clock: Clock; readonly batchMax: number },
): Promise<void> {
  const untilMs = clock.monotonicMs() + roomMs;
  while (!hasRoom(slot, batchMax) && clock.monotonicMs() < untilMs) {
    await slot.room.wait(clock, { atMostMs: Math.max(1, untilMs - clock.monotonicMs()) });
  }
  if (hasRoom(slot, batchMax) || slot.isPaused) return;
  slot.isPaused = true;
  slot.reading?.pause(slot.place);
}

export function makeRoom(slot: Slot, batchMax: number): void {
  if (!hasRoom(slot, batchMax)) return;
  resume(slot);
  slot.room.ring();
}

function resume(slot: Slot): void {
  if (!slot.isPaused) return;
  slot.isPaused = false;
  slot.reading?.resume(slot.place);
}
