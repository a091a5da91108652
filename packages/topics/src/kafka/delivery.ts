import { settledWithin } from "@rekey/runtime";
import { deliverNext } from "./deliver-next.ts";
import type { DeliveryOptions } from "./deliver-next.ts";
import { createSlot, keyOf, makeRoom, restart, roomMs, waitForRoom } from "./slot.ts";
import type { Fetched, Reading, Slot, TopicPartition } from "./slot.ts";
import { createSlots } from "./slots.ts";

/** Partitions of one subscription whose handlers run at once. */
const handlersMax = 4;

/** Runs handlers, one at a time per partition, and commits what they handled. */
export interface Delivery {
  /** Resolves when the next fetch may come. */
  take(fetched: Fetched, reading: Reading): Promise<void>;
  /** Begins nothing more, and waits a bounded time for what runs: partitions are about to move. */
  settle(milliseconds: number): Promise<void>;
  /**
   * What this member holds now. With `isSameMember` no other can have had in between what it held
   * before and holds now; of all else what is still running commits nothing.
   */
  assign(held: readonly TopicPartition[], isSameMember: boolean): void;
  /** Whether partitions are about to move, and nothing may begin until they have. */
  isSettling(): boolean;
  /** Whether any partition is asked for by the fetches. */
  isFetching(): boolean;
  /** How long the partition that waits longest for a commit does; 0 where none waits. */
  commitOwedMs(): number;
  /** Begins nothing more and resolves when no handler runs. */
  idle(): Promise<void>;
}

export function createDelivery(options: DeliveryOptions): Delivery {
  const { clock, request } = options;
  const slots = new Map<string, Slot>();
  const handlers = createSlots(handlersMax);
  const state = { stopping: false, settling: false, held: new Set<string>() };
  const mayBegin = (): boolean => !state.stopping && !state.settling;
  const turns = (): Promise<unknown> =>
    Promise.all([...slots.values()].flatMap((slot) => slot.turn ?? []));
  const turn = async (slot: Slot): Promise<void> => {
    while (await deliverNext(options, slot, { mayBegin, handlers })) {
      makeRoom(slot, request.batchMax);
    }
  };
  const start = (slot: Slot): void => {
    if (slot.turn !== undefined || slot.queue.length === 0 || !mayBegin()) return;
    slot.turn = turn(slot).finally(() => {
      slot.turn = undefined;
      start(slot);
    });
  };
  const wakeAll = (): void => slots.forEach((slot) => slot.retry.ring());
  return {
    async take(fetched, reading) {
      if (!mayBegin()) return await clock.sleep(roomMs);
      fetched.taken();
      const slot = slots.get(keyOf(fetched)) ?? createSlot(fetched);
      slots.set(keyOf(fetched), slot);
      slot.queue = [...slot.queue, ...fetched.records];
      slot.through = fetched.through;
      if (slot.queue.length > 0) slot.owedSinceMs ??= clock.monotonicMs();
      slot.reading = reading;
      start(slot);
      await waitForRoom(slot, { clock, batchMax: request.batchMax });
    },
    async settle(milliseconds) {
      state.settling = true;
      wakeAll();
      await settledWithin(clock, milliseconds, turns());
    },
    assign(held, isSameMember) {
      const before = state.held;
      state.settling = false;
      state.held = new Set(held.map(keyOf));
      for (const [key, slot] of slots) {
        restart(slot, isSameMember && before.has(key) && state.held.has(key));
      }
    },
    isSettling: () => state.settling,
    isFetching: () => [...state.held].some((key) => slots.get(key)?.isPaused !== true),
    commitOwedMs() {
      const now = clock.monotonicMs();
      return Math.max(0, ...[...slots.values()].map(({ owedSinceMs = now }) => now - owedSinceMs));
    },
    async idle() {
      state.stopping = true;
      wakeAll();
      await turns();
    },
  };
}
