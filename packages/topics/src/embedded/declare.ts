import type { Database } from "./connect.ts";
import { topicRefused } from "../refusals.ts";

export interface TopicDeclaration {
  readonly name: string;
  /** Fixed when the topic is made: another number would break the order per key. Default 12. */
  readonly partitions?: number;
  /** Records younger than this, or not yet committed by a group, are kept. Default 7 days. */
  readonly retentionMs?: number;
}

export interface Topic {
  readonly id: number;
  readonly name: string;
  readonly partitions: number;
  readonly retentionMs: number;
}

export type Topics = ReadonlyMap<string, Topic>;

const partitionsDefault = 12;
const retentionMsDefault = 7 * 24 * 3_600_000;

/** Makes what is missing; the last retention declared wins; a changed number of partitions is refused. */
export async function declareTopics(
  database: Database,
  declarations: readonly TopicDeclaration[],
): Promise<Topics> {
  const topics = new Map<string, Topic>();
  for (const declaration of declarations) {
    const topic = await declareTopic(database, declaration);
    topics.set(topic.name, topic);
  }
  return topics;
}

async function declareTopic(database: Database, declaration: TopicDeclaration): Promise<Topic> {
  const partitions = declaration.partitions ?? partitionsDefault;
  const retentionMs = declaration.retentionMs ?? retentionMsDefault;
  const answer = await database.query<{ id: number; partition_count: number }>(declareStatement, [
    declaration.name,
    partitions,
    retentionMs,
  ]);
  const row = answer.rows[0];
  if (row === undefined || row.partition_count !== partitions) {
    throw topicRefused("PARTITIONS_CHANGED");
  }
  await database.query(partitionsStatement, [row.id, partitions]);
  return { id: row.id, name: declaration.name, partitions, retentionMs };
}

const declareStatement = `
  insert into rekey_topics.topics (name, partition_count, retention_ms) values ($1, $2, $3)
  on conflict (name) do update set retention_ms = excluded.retention_ms
  returning id, partition_count`;

const partitionsStatement = `
  insert into rekey_topics.partitions (topic_id, number)
  select $1, number from generate_series(0, $2::integer - 1) as series (number)
  on conflict do nothing`;

/** Refuses a name that this process did not declare. */
export function topicNamed(topics: Topics, name: string): Topic {
  const topic = topics.get(name);
  if (topic === undefined) throw topicRefused("TOPIC_NOT_DECLARED");
  return topic;
}
