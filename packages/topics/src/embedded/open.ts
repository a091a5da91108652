import { randomUUID } from "node:crypto";
import type { Clock, EventSink, EventSource, Subscription } from "@rekey/domain";
import { settledWithin } from "@rekey/runtime";
import type { Log, PostgresAddress } from "@rekey/runtime";
import { endEveryMember } from "./claims.ts";
import { openPool } from "./connect.ts";
import type { Database } from "./connect.ts";
import { declareTopics, topicNamed } from "./declare.ts";
import type { TopicDeclaration, Topics } from "./declare.ts";
import { topicRefused } from "../refusals.ts";
import { asTopicsFault } from "./faults.ts";
import { paceDefault } from "./pace.ts";
import type { Pace } from "./pace.ts";
import { checkLog, createSink } from "./sink.ts";
import { startSubscription } from "./subscription.ts";
import type { SubscriptionOptions } from "./subscription.ts";
import { startTrimmer } from "./trim.ts";
import { createWake } from "./wake.ts";

/** One connection listens, the others are opened when there is something to say. */
const connectionsMax = 4;
const closeMs = 500;

export interface EmbeddedTopicsOptions {
  /** The database; `migrateEmbeddedTopics` ran before. */
  readonly connection: PostgresAddress;
  readonly log: Log;
  readonly topics: readonly TopicDeclaration[];
  readonly clock: Clock;
  /** Nobody else reads this log: what a killed process held is free at once, not when its lease ends. */
  readonly alone?: boolean;
  readonly pace?: Partial<Pace>;
}

export interface EmbeddedTopics {
  readonly sink: EventSink;
  readonly source: EventSource;
  /** Ends both sides and every connection; safe to repeat. */
  close(): Promise<void>;
}

/** Opens the log in PostgreSQL. Rejects with a Fault when it is unreachable, not migrated or declared otherwise. */
export async function openEmbeddedTopics(options: EmbeddedTopicsOptions): Promise<EmbeddedTopics> {
  const { clock, log } = options;
  const connection = { address: options.connection, log };
  const pace = { ...paceDefault, ...options.pace };
  const database = await openPool(connection, "log", connectionsMax);
  const topics = await prepareLog(database, options).catch(async (error: unknown) => {
    await database.end();
    throw asTopicsFault(error);
  });
  const wake = createWake({ connection, database, clock });
  const trimmer = startTrimmer({
    database,
    clock,
    topics: [...topics.values()],
    everyMs: pace.trimMs,
  });
  const sink = createSink({ database, topics, wake });
  const source = createSource({ database, clock, wake, pace }, topics);
  const close = async (): Promise<void> => {
    await source.close();
    await settledWithin(clock, closeMs, Promise.all([sink.close(), trimmer.stop()]));
    await settledWithin(clock, closeMs, wake.close());
    await settledWithin(clock, closeMs, database.end());
  };
  let closed: Promise<void> | undefined;
  return { sink, source, close: () => (closed ??= close()) };
}

async function prepareLog(
  database: Database,
  { topics, alone = false }: EmbeddedTopicsOptions,
): Promise<Topics> {
  if (alone) await endEveryMember(database);
  return await declareTopics(database, topics);
}

function createSource(
  parts: Pick<SubscriptionOptions, "database" | "clock" | "wake" | "pace">,
  topics: Topics,
): EventSource {
  const subscriptions = new Set<Subscription>();
  let closed = false;
  return {
    async subscribe(request) {
      if (closed) throw topicRefused("CLOSED");
      const wanted = request.topics.map((name) => topicNamed(topics, name));
      const member = {
        group: request.group,
        id: randomUUID(),
        topicIds: wanted.map((topic) => topic.id),
        leaseMs: parts.pace.leaseMs,
      };
      const subscription = startSubscription({ ...parts, request, member, topics: wanted });
      subscriptions.add(subscription);
      return subscription;
    },
    check: () => checkLog(parts.database),
    async close() {
      closed = true;
      await Promise.all([...subscriptions].map((subscription) => subscription.stop()));
    },
  };
}
