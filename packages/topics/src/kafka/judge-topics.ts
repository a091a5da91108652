import type { Clock } from "@rekey/domain";
import { counted, Fault } from "@rekey/domain";
import type { Admin } from "kafkajs";
import { createAdminAccess } from "./admin.ts";
import { findTopics } from "./find-topics.ts";
import type { KafkaConnection } from "./connect.ts";
import { copiesOf } from "./plan-topics.ts";
import { weakCopies } from "./weak-copies.ts";
import type { Copies, TopicWeakness } from "./weak-copies.ts";

const judgeMs = 10_000;

/** What the brokers show of their copies; `next` says what would be better. Works as it is: never a failure. */
export interface TopicsJudgement {
  readonly name: string;
  readonly ok: true;
  readonly found: string;
  readonly next?: string;
}

/** Nothing where the brokers do not answer, which whoever asks them otherwise says already. */
export async function topicsJudgements(options: {
  readonly connection: KafkaConnection;
  readonly clock: Clock;
  readonly topics: readonly string[];
}): Promise<readonly TopicsJudgement[]> {
  const { connection, clock, topics } = options;
  const access = createAdminAccess(connection, clock);
  try {
    return await access.ask(judgeMs, async (admin) => {
      const { brokers } = await admin.describeCluster();
      return judgeCopies(await shownCopies(admin, topics), brokers.length);
    });
  } catch (error) {
    if (error instanceof Fault) return [];
    throw error;
  } finally {
    await access.close();
  }
}

/** Reading settings is a right of its own, which a service needs for nothing else. */
const shownCopies = async (admin: Admin, topics: readonly string[]): Promise<Copies[]> =>
  await findTopics(admin, topics)
    .then((found) => found.map(copiesOf))
    .catch(async () => {
      const metadata = await admin.fetchTopicMetadata({ topics: [...topics] });
      return metadata.topics.map(({ name, partitions }) => ({
        topic: name,
        replicas: Math.min(...partitions.map(({ replicas }) => replicas.length)),
        insync: undefined,
      }));
    });

/** Pure: one line for all topics that are weak in the same way. */
export function judgeCopies(topics: readonly Copies[], brokers: number): TopicsJudgement[] {
  const name = "topics copies";
  // Whoever asks for them says that there are none.
  if (topics.length === 0) return [];
  const weak = weakCopies(topics, brokers);
  if (weak.length === 0) return [{ name, ok: true, found: strengthOf(topics) }];
  return [...Map.groupBy(weak, ({ found }) => found)].map(([found, all]) => ({
    name,
    ok: true,
    found: `${found}: ${namesOf(all)}`,
    next: all[0]?.next ?? "",
  }));
}

const namesMax = 3;

const namesOf = (all: readonly TopicWeakness[]): string => {
  const names = all.slice(0, namesMax).map(({ topic }) => topic);
  const more = all.length - names.length;
  return `${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
};

const strengthOf = (topics: readonly Copies[]): string => {
  const least = counted(Math.min(...topics.map(({ replicas }) => replicas)), "copy", "copies");
  const insync = topics.map((one) => one.insync).filter((count) => count !== undefined);
  const shown =
    insync.length > 0 ? `${Math.min(...insync)} in sync` : "settings are not shown to us";
  return `${least}, ${shown}`;
};
