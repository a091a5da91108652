import type {
  EventSink,
  EventSource,
  IncomingBatch,
  IncomingRecord,
  OutgoingRecord,
  Subscription,
} from "@rekey/domain";
import { systemClock } from "@rekey/runtime";
import { expect, vi } from "vitest";

/** One process' view of a log. */
export interface OpenLog {
  readonly sink: EventSink;
  readonly source: EventSource;
  close(): Promise<void>;
}

export interface BrokenNetwork {
  /** Nothing arrives any more, and nothing is closed. */
  cut(): void;
  /** What is sent arrives, and the connection breaks before the answer does. */
  loseAnswers(): void;
  heal(): void;
}

/** A member of a group in another process: made to be paused and killed. */
export interface OutsideMember {
  /** First offset of each batch its handler got, in order, per partition. */
  started(): readonly { readonly partition: number; readonly offset: bigint }[];
  /** How many of them its handler finished. */
  finished(): number;
  /** Lets the handler that waits finish, or the next one that would wait. */
  release(): void;
  pause(): void;
  resume(): void;
  kill(): Promise<void>;
}

/** One log with its faults, for every test of the suite in turn. */
export interface TopicsWorld {
  /** How long a silent member keeps its partitions in what `openSteady` opens; elsewhere less, to be waited for. */
  readonly steadyLeaseMs: number;
  /** A topic of its own for a test. */
  newTopic(partitions: number): Promise<string>;
  open(): Promise<OpenLog>;
  /** With a lease that no stall of a busy machine outlasts: for what holds only while leases are kept. */
  openSteady(): Promise<OpenLog>;
  openThroughNetwork(): Promise<OpenLog & BrokenNetwork>;
  /** `stuck`: its handler waits for `release`. */
  spawnMember(options: { topic: string; group: string; stuck: boolean }): Promise<OutsideMember>;
  /** As kill -9 of the log's server. */
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
  connections(): Promise<number>;
  end(): Promise<void>;
}

export type Open = () => Promise<OpenLog>;
export type World = () => TopicsWorld;

// Bounds for what hangs, no measures: a busy machine is slower by far than a quiet one.
export const soon = { timeout: 60_000, interval: 5 };
// Some leases of the shortened pace that worlds use, and a reconnect.
export const takeover = { timeout: 90_000, interval: 20 };

let made = 0;
export const freshName = (kind: string): string => {
  made += 1;
  return `${kind}-${made}`;
};

/** Record number `index` of a test, under one of `keys` keys. */
export const numbered = (topic: string, index: number, keys = 7): OutgoingRecord => ({
  topic,
  key: `key-${index % keys}`,
  headers: { index: String(index) },
  value: Buffer.from(`value ${index}`),
});

export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, place) => from + place);

export const indexesOf = (batch: IncomingBatch): number[] =>
  batch.records.map((record) => Number(record.headers["index"]));

/** Delivery is at least once: each number, in the order in which they came for the first time. */
export const firstTimes = (numbers: readonly number[]): number[] => [...new Set(numbers)];

/** Each record once, in the order in which they came for the first time. */
export function distinctRecords(batches: readonly IncomingBatch[]): IncomingRecord[] {
  const found = new Map<string, IncomingRecord>();
  for (const record of batches.flatMap(({ records }) => records)) {
    const place = `${record.topic}/${record.partition}/${record.offset}`;
    if (!found.has(place)) found.set(place, record);
  }
  return [...found.values()];
}

/** The numbers in the order in which they came for the first time, by key. */
export function byKey(batches: readonly IncomingBatch[]): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const record of distinctRecords(batches)) {
    const indexes = found.get(record.key) ?? [];
    indexes.push(Number(record.headers["index"]));
    found.set(record.key, indexes);
  }
  return found;
}

export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

/** Holds handlers until a test lets them go. */
export function gate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

export const ignoreErrors = (): void => undefined;

/** Where time itself is the subject: whoever wanted to act has had so long. */
export const passes = (milliseconds: number): Promise<void> => systemClock.sleep(milliseconds);

/** What a reader that accepts everything has seen so far. */
export interface Reader {
  readonly subscription: Subscription;
  readonly batches: readonly IncomingBatch[];
  /** The numbers of the records, in the order they came. */
  readonly seen: readonly number[];
  readonly errors: readonly unknown[];
}

/** Reads a topic in a group of its own, or in one that others are in too. */
export async function startReader(
  { source }: Pick<OpenLog, "source">,
  topic: string,
  { group = freshName("group"), batchMax = 50 } = {},
): Promise<Reader> {
  const batches: IncomingBatch[] = [];
  const seen: number[] = [];
  const errors: unknown[] = [];
  const subscription = await source.subscribe({
    topics: [topic],
    group,
    batchMax,
    onBatch: async (batch) => {
      batches.push(batch);
      seen.push(...indexesOf(batch));
    },
    onError: (error) => void errors.push(error),
  });
  return { subscription, batches, seen, errors };
}

/** Resolves when the group has so many records left that it has not committed. */
export const committedAllBut = async (
  left: number,
  { health }: Pick<Subscription, "health">,
): Promise<void> => await vi.waitFor(async () => expect((await health()).lag).toBe(left), takeover);

/** A handler that waits at its gate. */
export interface WaitingHandler {
  readonly onBatch: (batch: IncomingBatch) => Promise<void>;
  /** How often it began. */
  readonly started: () => number;
  /** The numbers of the records that it finished. */
  readonly seen: readonly number[];
  /** Opens the gate, for good. */
  readonly letGo: () => void;
}

export function waitingHandler(): WaitingHandler {
  const hold = gate();
  const seen: number[] = [];
  let started = 0;
  return {
    seen,
    letGo: () => hold.open(),
    started: () => started,
    onBatch: async (batch) => {
      started += 1;
      await hold.opened;
      seen.push(...indexesOf(batch));
    },
  };
}
