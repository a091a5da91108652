import type { Instant } from "../instant.ts";

/** A record to append. `key` decides the partition; order is kept per key. */
export interface OutgoingRecord {
  readonly topic: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Uint8Array;
}

export interface IncomingRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Uint8Array;
  /** When the log took it, by the log's own clock; absent where only its writer says when. */
  readonly appendedAt?: Instant;
}

/** Records of one topic partition, in offset order, at most `batchMax`. */
export interface IncomingBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly IncomingRecord[];
}

/** Appends are durable when the promise resolves; a rejected append may or may not have happened. */
export interface EventSink {
  append(records: readonly OutgoingRecord[]): Promise<void>;
  check(): Promise<void>;
  close(): Promise<void>;
}

export interface SubscriptionHealth {
  /** Monotonic milliseconds since the last successful poll. */
  readonly sinceLastPollMs: number;
  /** How long what this member has fetched waits without a commit; 0 where nothing waits. A reader that polls may do nothing. */
  readonly sinceCommitOwedMs: number;
  /** Records appended and not yet committed by this group. */
  readonly lag: number;
}

export interface Subscription {
  health(): Promise<SubscriptionHealth>;
  /** Resolves when the running handler ended and the last offset was committed or given up; under 1 s when idle. */
  stop(): Promise<void>;
}

export interface SubscribeRequest {
  readonly topics: readonly string[];
  readonly group: string;
  readonly batchMax: number;
  /**
   * At least once. When it resolves the batch's offset is committed; when it rejects the same batch is
   * delivered again after a pause (never skipped); two members of a group never run one partition at once
   * except across a rebalance, so what it writes is deduplicated by its own keys.
   */
  readonly onBatch: (batch: IncomingBatch) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

export interface EventSource {
  subscribe(request: SubscribeRequest): Promise<Subscription>;
  check(): Promise<void>;
  close(): Promise<void>;
}
