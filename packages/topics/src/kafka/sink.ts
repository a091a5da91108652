import type { Clock, EventSink } from "@rekey/domain";
import { Fault } from "@rekey/domain";
import { settledWithin } from "@rekey/runtime";
import type { Producer, TopicMessages } from "kafkajs";
import { createAppendQueue } from "../append-queue.ts";
import type { PendingAppend } from "../append-queue.ts";
import { topicRefused } from "../refusals.ts";
import { checkTopics } from "./admin.ts";
import type { AdminAccess } from "./admin.ts";
import { forgetSecrets, openClient } from "./connect.ts";
import type { KafkaClient, KafkaConnection } from "./connect.ts";
import { within } from "./deadline.ts";
import { asKafkaFault, isRefusedLogin } from "./faults.ts";
import { sendsOf, toMessage } from "./messages.ts";
import type { SizedMessage } from "./messages.ts";
import type { KafkaPace } from "./pace.ts";
import { createPlacing } from "./placing.ts";
import type { Placing } from "./placing.ts";

export interface KafkaSinkOptions {
  readonly connection: KafkaConnection;
  readonly clock: Clock;
  readonly pace: KafkaPace;
  readonly admin: AdminAccess;
  readonly topics: ReadonlySet<string>;
}

interface OpenProducer {
  readonly client: KafkaClient;
  readonly producer: Producer;
}

const closeMs = 500;
const everyReplica = -1;
const retry = { retries: 8, initialRetryTime: 100, maxRetryTime: 1_000 };

/** Appends in the order they were asked for, one request on its way at a time. */
export function createKafkaSink(options: KafkaSinkOptions): EventSink {
  const { clock, pace, topics } = options;
  const sender = createSender(options);
  const send: Send = async (messages) => await sendOrAgain(sender, options, messages);
  const queue = createAppendQueue<SizedMessage>(async (appends) => {
    const refused = await appendTogether(send, appends);
    // One topic or record that is refused must not take along what only shared the request.
    for (const append of refused) await appendTogether(send, [append]);
  });
  return {
    append: async (records) => {
      const unknown = records.some((record) => !topics.has(record.topic));
      if (unknown) throw topicRefused("TOPIC_NOT_DECLARED");
      await queue.append(records.map(toMessage));
    },
    check: async () => await checkTopics(options.admin, [...topics], pace.requestMs),
    async close() {
      await settledWithin(clock, closeMs, queue.close());
      await sender.end();
      await queue.close();
    },
  };
}

type Append = PendingAppend<SizedMessage>;
type Send = (messages: readonly SizedMessage[]) => Promise<void>;

/** Settles the appends; the answer are those that are to be tried on their own. */
async function appendTogether(send: Send, appends: readonly Append[]): Promise<readonly Append[]> {
  try {
    for (const messages of sendsOf(appends.flatMap((append) => append.records))) {
      await send(messages);
    }
  } catch (error) {
    const isRefused = error instanceof Fault && error.code === "TOPIC_REJECTED";
    if (isRefused && !isRefusedLogin(error) && appends.length > 1) return appends;
    for (const append of appends) append.reject(error);
    return [];
  }
  for (const append of appends) append.resolve();
  return [];
}

interface Sender {
  /** Within so long, or a Fault. */
  send(messages: readonly SizedMessage[], milliseconds: number): Promise<void>;
  /** Refuses what is sent later, and what waits for a connection. */
  end(): Promise<void>;
}

/**
 * After any failure the producer is given up with its id and sequence: kafkajs winds the sequence back,
 * so the broker would take the next, different, records for a repetition and drop them. What still opens
 * a connection by then has been reported already: it sends nothing and keeps nothing.
 */
function createSender({ connection, clock, pace }: KafkaSinkOptions): Sender {
  const placing = createPlacing();
  let kept: OpenProducer | undefined;
  let generation = 0;
  let ended = false;
  const refuseStale = (mine: number): void => {
    if (mine !== generation) throw topicRefused("CLOSED");
  };
  const drop = async (): Promise<void> => {
    const last = kept;
    kept = undefined;
    generation += 1;
    if (last === undefined) return;
    await settledWithin(clock, closeMs, last.producer.disconnect());
    last.client.sockets.end();
  };
  const connected = async (mine: number): Promise<OpenProducer> => {
    if (kept !== undefined) return kept;
    const client = await openClient(connection, pace);
    refuseStale(mine);
    const opened = { client, producer: openProducer(client, placing) };
    kept = opened;
    await opened.producer.connect();
    refuseStale(mine);
    return opened;
  };
  return {
    async end() {
      ended = true;
      await drop();
    },
    async send(messages, milliseconds) {
      if (ended) throw topicRefused("CLOSED");
      const mine = generation;
      let unknownOutcome = false;
      const sending = async (): Promise<void> => {
        const { client, producer } = await connected(mine);
        await learnTopics(client, placing.unseen(messages), placing);
        refuseStale(mine);
        unknownOutcome = true;
        await sendEach(producer, placing.split(messages));
      };
      try {
        await within(clock, milliseconds, sending());
      } catch (error) {
        const hasLogin = connection.sasl !== undefined;
        const fault = asKafkaFault(error, { unknownOutcome, hasLogin });
        if (isRefusedLogin(fault)) forgetSecrets(connection);
        await drop();
        throw fault;
      }
    },
  };
}

/**
 * Who is not let in has written nothing there; what another broker stored is there twice then. The password may have been
 * changed: once more, with the one known by now.
 */
async function sendOrAgain(
  sender: Sender,
  { clock, pace }: KafkaSinkOptions,
  messages: readonly SizedMessage[],
): Promise<void> {
  const endsAtMs = clock.monotonicMs() + pace.appendMs;
  try {
    await sender.send(messages, pace.appendMs);
  } catch (error) {
    const remainingMs = endsAtMs - clock.monotonicMs();
    if (!isRefusedLogin(error) || remainingMs <= 0) throw error;
    await sender.send(messages, remainingMs);
  }
}

/** Each partition's records on their own; rejects with the first failure, when nothing is on its way any more. */
async function sendEach(producer: Producer, sends: readonly TopicMessages[]): Promise<void> {
  const sent = sends.map((send) =>
    producer.sendBatch({ acks: everyReplica, topicMessages: [send] }),
  );
  const failed = (await Promise.allSettled(sent)).find((one) => one.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** Asked once for each topic; what a producer sees later replaces it. */
async function learnTopics({ kafka }: KafkaClient, unseen: readonly string[], placing: Placing) {
  if (unseen.length === 0) return;
  const admin = kafka.admin({ retry });
  try {
    await admin.connect();
    const { topics } = await admin.fetchTopicMetadata({ topics: [...unseen] });
    for (const { name, partitions } of topics) placing.tell(name, partitions);
  } finally {
    await admin.disconnect();
  }
}

function openProducer({ kafka, sockets }: KafkaClient, placing: Placing): Producer {
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: placing.createPartitioner,
    retry,
  });
  // A request that timed out leaves a connection that looks open: a new one is needed.
  producer.on(producer.events.REQUEST_TIMEOUT, () => sockets.cut());
  return producer;
}
