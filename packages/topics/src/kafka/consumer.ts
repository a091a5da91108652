import type { Clock, SubscribeRequest } from "@rekey/domain";
import { settledWithin } from "@rekey/runtime";
import kafkajs from "kafkajs";
import type { Consumer, EachBatchPayload, PartitionAssigner } from "kafkajs";
import { topicRefused } from "../refusals.ts";
import { openClient } from "./connect.ts";
import type { KafkaClient, KafkaConnection } from "./connect.ts";
import type { Delivery } from "./delivery.ts";
import { isGroupMoved } from "./faults.ts";
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
/** https://kafka.apache.org/protocol#The_Messages_FindCoordinator */
const groupCoordinator = 0;
const bytesMax = 10 * 1_048_576;
const leaveTriesMax = 100;
const leaveAgainMs = 200;
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
  let fail = (_error: unknown): void => undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  ended.catch(() => undefined);
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
      const consumer = openConsumer(client, options);
      opened = { client, consumer };
      if (closing !== undefined) client.sockets.end();
      consumer.on(consumer.events.CRASH, ({ payload }) => fail(payload.error));
      return await Promise.race([ended, read(consumer, options).then(() => ended)]);
    },
    close: () => (closing ??= close()),
  };
}

async function read(consumer: Consumer, { request, delivery }: ConsumerOptions): Promise<void> {
  await consumer.connect();
  await consumer.subscribe({ topics: [...request.topics], fromBeginning: true });
  const reading = readingOf(consumer);
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: takenAtOnceMax,
    eachBatch: async (payload) => await take(delivery, payload, reading),
  });
}

function openConsumer({ kafka, sockets }: KafkaClient, options: ConsumerOptions): Consumer {
  const { pace, request } = options;
  const consumer = kafka.consumer({
    groupId: request.group,
    partitionAssigners: [settlingFirst(options)],
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

type Find = Parameters<PartitionAssigner>[0]["cluster"]["findGroupCoordinator"];

/** kafkajs joins again without waiting for anything: what runs is ended and committed before. */
function settlingFirst({ clock, delivery, pace, member }: ConsumerOptions): PartitionAssigner {
  // One that crashed could not leave: the group would wait for it until its session ends.
  let gone = member.name;
  return (config) => {
    const { cluster } = config;
    const find: Find = cluster.findGroupCoordinator.bind(cluster);
    // The first that kafkajs 2.2.4 does when it joins, and nothing else of a consumer asks for it.
    cluster.findGroupCoordinator = async (group) => {
      await delivery.settle(pace.sessionMs / 2);
      try {
        if (gone !== undefined) await leave(find, { ...group, memberId: gone }, clock);
        gone = undefined;
        return await find(group);
      } catch (error) {
        throw (await whyNotFound(cluster, group)) ?? error;
      }
    };
    return kafkajs.PartitionAssigners.roundRobin(config);
  };
}

// The types leave these out.
interface Coordinator {
  findGroupCoordinator(group: { groupId: string; coordinatorType: number }): Promise<unknown>;
  leaveGroup(member: { groupId: string; memberId: string }): Promise<unknown>;
}

/** A coordinator that has just started does not know its groups yet: it is asked again for a while. */
async function leave(
  find: Find,
  member: { readonly groupId: string; readonly memberId: string },
  clock: Clock,
): Promise<void> {
  for (let asked = 0; asked < leaveTriesMax; asked += 1) {
    const coordinator = (await find(member)) as unknown as Coordinator;
    const failure = await coordinator.leaveGroup(member).then(
      () => undefined,
      (error: unknown) => error,
    );
    // Taken out already is as good.
    if (failure === undefined || isGroupMoved(failure)) return;
    await clock.sleep(leaveAgainMs);
  }
}

/** kafkajs swallows what the brokers said, such as a denied group: one is asked again. */
async function whyNotFound(
  cluster: Parameters<PartitionAssigner>[0]["cluster"],
  { groupId }: Parameters<Find>[0],
): Promise<unknown> {
  try {
    const broker = (await cluster.findControllerBroker()) as unknown as Coordinator;
    await broker.findGroupCoordinator({ groupId, coordinatorType: groupCoordinator });
    return undefined;
  } catch (error) {
    return error;
  }
}

function followGroup(consumer: Consumer, { delivery, member }: ConsumerOptions): void {
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    const held = Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic, partition })),
    );
    // A rebalance that went past this member has taken its name away.
    delivery.assign(held, member.name === payload.memberId);
    member.name = payload.memberId;
  });
}

/** kafkajs tells of a fetch also when it failed and was forgiven: only with an answer it counts. */
function followPolls(consumer: Consumer, { delivery, onPoll }: ConsumerOptions): void {
  let isAnswered = false;
  consumer.on(consumer.events.REQUEST, ({ payload }) => {
    if (payload.apiName === "Fetch") isAnswered = true;
  });
  consumer.on(consumer.events.FETCH, () => {
    if (isAnswered) onPoll();
    isAnswered = false;
  });
  consumer.on(consumer.events.HEARTBEAT, () => {
    if (!delivery.isFetching()) onPoll();
  });
}

async function take(
  delivery: Delivery,
  { batch }: EachBatchPayload,
  reading: Reading,
): Promise<void> {
  const { topic, partition } = batch;
  const records = batch.messages.map((message) => toRecord({ topic, partition }, message));
  const through = BigInt(batch.lastOffset()) + 1n;
  await delivery.take({ topic, partition, records, through }, reading);
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
