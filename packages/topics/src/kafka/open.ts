import type { Clock, EventSink, EventSource, Subscription } from "@rekey/domain";
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
      const subscription = await startKafkaSubscription({ ...options, request });
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
