import type { Clock, EventSink, EventSource, SubscribeRequest, Subscription } from "@rekey/domain";
import type { Log } from "@rekey/runtime";
import { topicRefused } from "../refusals.ts";
import { checkTopics, createAdminAccess } from "./admin.ts";
import type { AdminAccess } from "./admin.ts";
import type { KafkaConnection, KafkaSasl, KafkaTls } from "./connect.ts";
import { kafkaPaceDefault } from "./pace.ts";
import type { KafkaPace } from "./pace.ts";
import { createKafkaSink } from "./sink.ts";
import { startKafkaSubscription } from "./subscription.ts";

export interface KafkaTopicsOptions {
  /** `host:port` of some brokers; the others are learnt from them. */
  readonly brokers: readonly string[];
  /** Shown by the brokers; the process' name. */
  readonly clientId: string;
  readonly tls?: KafkaTls;
  readonly sasl?: KafkaSasl;
  /** Every topic that this process writes or reads; `check` asks for them, others are refused. */
  readonly topics: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  readonly pace?: Partial<KafkaPace>;
}

export interface KafkaTopics {
  readonly sink: EventSink;
  readonly source: EventSource;
  /** Ends both sides and every connection; safe to repeat. */
  close(): Promise<void>;
}

interface SourceOptions {
  readonly connection: KafkaConnection;
  readonly clock: Clock;
  readonly log: Log;
  readonly pace: KafkaPace;
  readonly admin: AdminAccess;
  readonly topics: ReadonlySet<string>;
}

/** The log on Kafka. Opens no connection: `check`, the first append and each subscription do. */
export function openKafkaTopics(options: KafkaTopicsOptions): KafkaTopics {
  const { clock, log } = options;
  const connection = connectionOf(options);
  const pace = { ...kafkaPaceDefault, ...options.pace };
  const admin = createAdminAccess(connection, clock);
  const topics = new Set(options.topics);
  const parts = { connection, clock, log, pace, admin, topics };
  const sink = createKafkaSink(parts);
  const source = createSource(parts);
  const close = async (): Promise<void> => {
    await Promise.all([source.close(), sink.close()]);
    await admin.close();
  };
  let closed: Promise<void> | undefined;
  return { sink, source, close: () => (closed ??= close()) };
}

function connectionOf({ brokers, clientId, tls, sasl, log }: KafkaTopicsOptions): KafkaConnection {
  return {
    brokers,
    clientId,
    log,
    ...(tls !== undefined && { tls }),
    ...(sasl !== undefined && { sasl }),
  };
}

function createSource(options: SourceOptions): EventSource {
  const { admin, pace, topics } = options;
  const subscriptions = new Set<Subscription>();
  let closed = false;
  return {
    async subscribe(request) {
      if (closed) throw topicRefused("CLOSED");
      if (request.topics.some((topic) => !topics.has(topic))) {
        throw topicRefused("TOPIC_NOT_DECLARED");
      }
      const subscription = await subscribeEach(options, request);
      subscriptions.add(subscription);
      // Closed while it joined: nobody else would stop it.
      if (closed) await subscription.stop();
      return subscription;
    },
    check: async () => await checkTopics(admin, [...topics], pace.requestMs),
    async close() {
      closed = true;
      await Promise.all([...subscriptions].map((subscription) => subscription.stop()));
    },
  };
}

/** Kafka's name of a group: `<group>.<topic>`. */
export const groupOf = (group: string, topic: string): string => `${group}.${topic}`;

/**
 * A group of its own for each topic. In one group with several, kafkajs shares out the leader's topics
 * alone, and every member that comes or goes would halt the topics of all.
 */
async function subscribeEach(
  options: SourceOptions,
  request: SubscribeRequest,
): Promise<Subscription> {
  const starts = request.topics.map((topic) =>
    startKafkaSubscription({
      ...options,
      request: { ...request, topics: [topic], group: groupOf(request.group, topic) },
    }),
  );
  const started = await Promise.allSettled(starts);
  const each = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(each.map((subscription) => subscription.stop()));
  };
  const failed = started.find((one) => one.status === "rejected");
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  return {
    async health() {
      const healths = await Promise.all(each.map((subscription) => subscription.health()));
      return {
        sinceLastPollMs: Math.max(...healths.map((health) => health.sinceLastPollMs)),
        sinceCommitOwedMs: Math.max(...healths.map((health) => health.sinceCommitOwedMs)),
        lag: healths.reduce((sum, { lag }) => sum + lag, 0),
      };
    },
    stop,
  };
}
