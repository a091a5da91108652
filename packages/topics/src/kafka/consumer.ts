import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock, SubscribeRequest } from "@rekey/domain";
import { settledWithin } from "@rekey/runtime";
import type { Consumer, EachBatchPayload } from "kafkajs";
import { topicRefused } from "../refusals.ts";
import { openClient } from "./connect.ts";
import type { KafkaClient, KafkaConnection } from "./connect.ts";
import type { Delivery } from "./delivery.ts";
import { createJoining } from "./joining.ts";
import type { Joining } from "./joining.ts";
import { toRecord } from "./messages.ts";
import type { KafkaPace } from "./pace.ts";
import type { Reading, TopicPartition } from "./slot.ts";

export interface ConsumerOptions {
  readonly connection: KafkaConnection;
  readonly clock: Clock;
  readonly pace: KafkaPace;
  readonly request: SubscribeRequest;
  readonly delivery: Delivery;
  /** A broker answered for the partitions that are read. */
  readonly onPoll: () => void;
  /** The name by which the consumer before this one was a member, and then this one's. */
  readonly member: { name: string | undefined };
}

/** One consumer of kafkajs with connections of its own: from joining the group to its end. */
export interface RunningConsumer {
  /** Joins and reads; rejects with what ended it, and never resolves by itself. */
  run(): Promise<never>;
  close(): Promise<void>;
}

const closeMs = 700;
const bytesPerPartitionMax = 1_048_576;
const bytesMax = 10 * 1_048_576;
/** Batches of one fetch that are taken at once; taking one waits 100 ms at most. */
const takenAtOnceMax = 32;
// Whatever they do not mend ends the consumer, and it is built again.
const retry = {
  retries: 5,
  initialRetryTime: 100,
  maxRetryTime: 1_000,
  restartOnFailure: async (): Promise<boolean> => false,
};

export function createConsumer(options: ConsumerOptions): RunningConsumer {
  let opened: { readonly client: KafkaClient; readonly consumer: Consumer } | undefined;
  const state = { isEnded: false };
  const { promise: ended, reject } = Promise.withResolvers<never>();
  ended.catch(() => undefined);
  const fail = (error: unknown): void => {
    state.isEnded = true;
    reject(error);
  };
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    fail(topicRefused("CLOSED"));
    if (opened === undefined) return;
    await settledWithin(options.clock, closeMs, opened.consumer.disconnect());
    opened.client.sockets.end();
  };
  return {
    async run() {
      const client = await openClient(options.connection, options.pace);
      const isEnded = (): boolean => state.isEnded;
      const joining = createJoining({ ...options, isEnded, fail });
      const consumer = openConsumer(client, { ...options, isEnded, joining });
      opened = { client, consumer };
      if (closing !== undefined) client.sockets.end();
      consumer.on(consumer.events.CRASH, ({ payload }) => fail(payload.error));
      return await Promise.race([ended, read(consumer, { ...options, isEnded }).then(() => ended)]);
    },
    close: () => (closing ??= close()),
  };
}

async function read(
  consumer: Consumer,
  { request, delivery, isEnded }: Omit<Joined, "joining">,
): Promise<void> {
  await consumer.connect();
  await consumer.subscribe({ topics: [...request.topics], fromBeginning: true });
  const reading = readingOf(consumer);
  await consumer.run({
    autoCommit: false,
    // Of its own accord kafkajs does so when the handler ends, for whatever it has joined by then.
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: takenAtOnceMax,
    eachBatch: async (payload) => {
      if (!isEnded()) await take(delivery, payload, reading);
    },
  });
}

/** kafkajs goes on for a while with what has ended here, beside the next one: nobody hears of that. */
type Joined = ConsumerOptions & { readonly joining: Joining; readonly isEnded: () => boolean };

function openConsumer({ kafka, sockets }: KafkaClient, options: Joined): Consumer {
  const { pace, request, joining } = options;
  const consumer = kafka.consumer({
    groupId: request.group,
    partitionAssigners: [joining.assigner],
    sessionTimeout: pace.sessionMs,
    rebalanceTimeout: pace.rebalanceMs,
    heartbeatInterval: pace.heartbeatMs,
    maxWaitTimeInMs: pace.pollMs,
    maxBytesPerPartition: bytesPerPartitionMax,
    maxBytes: bytesMax,
    allowAutoTopicCreation: false,
    retry,
  });
  // A request that timed out leaves a connection that looks open: a new one is needed.
  consumer.on(consumer.events.REQUEST_TIMEOUT, () => sockets.cut());
  followGroup(consumer, options);
  followPolls(consumer, options);
  return consumer;
}

function followGroup(consumer: Consumer, options: Joined): void {
  const { delivery, joining, member, isEnded } = options;
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    if (isEnded()) return;
    const held = Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic, partition })),
    );
    joining.joined();
    // A rebalance that went past this member has taken its name away.
    delivery.assign(held, member.name === payload.memberId);
    member.name = payload.memberId;
  });
}

/**
 * kafkajs tells of a fetch also when it failed and was forgiven: only with an answer it counts. And what is fetched
 * while nothing may begin is no sign of life: a join that went wrong unheard would look well for ever.
 */
function followPolls(consumer: Consumer, { delivery, isEnded, onPoll }: Joined): void {
  const isHeard = (): boolean => !isEnded() && !delivery.isSettling();
  let isAnswered = false;
  consumer.on(consumer.events.REQUEST, ({ payload }) => {
    if (payload.apiName === "Fetch") isAnswered = true;
  });
  consumer.on(consumer.events.FETCH, () => {
    if (isAnswered && isHeard()) onPoll();
    isAnswered = false;
  });
  consumer.on(consumer.events.HEARTBEAT, () => {
    if (!delivery.isFetching() && isHeard()) onPoll();
  });
}

async function take(
  delivery: Delivery,
  payload: EachBatchPayload,
  reading: Reading,
): Promise<void> {
  const { batch } = payload;
  const { topic, partition } = batch;
  const records = batch.messages.map((message) => toRecord({ topic, partition }, message));
  const through = BigInt(batch.lastOffset()) + 1n;
  const taken = (): void => payload.resolveOffset(batch.lastOffset());
  await delivery.take({ topic, partition, records, through, taken }, reading);
  // The next fetch is made and sent behind what the handler sends first: a leak would wait for it.
  await nextTurn();
}

function readingOf(consumer: Consumer): Reading {
  const selected = ({ topic, partition }: TopicPartition) => [{ topic, partitions: [partition] }];
  return {
    commit: async ({ topic, partition, offset }) =>
      await consumer.commitOffsets([{ topic, partition, offset: String(offset) }]),
    pause: (place) => unlessEnded(() => consumer.pause(selected(place))),
    resume: (place) => unlessEnded(() => consumer.resume(selected(place))),
  };
}

/** A consumer that ended meanwhile throws; its partitions are not read by it any more. */
function unlessEnded(change: () => void): void {
  try {
    change();
  } catch {
    // Nothing is left to pause or to resume.
  }
}
