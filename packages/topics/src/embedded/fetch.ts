import type { IncomingBatch, IncomingRecord } from "@rekey/domain";
import type { Database } from "./connect.ts";
import type { Topic } from "./declare.ts";

/** Bytes of one batch before its last record: memory is bounded whatever `batchMax` is. */
const batchBytesMax = 8 * 1_048_576;

/** A partition and the offset its group would read next. */
export interface Position {
  readonly topic: Topic;
  readonly number: number;
  readonly next: bigint;
}

export const positionKey = (topicId: number, number: number): string => `${topicId}/${number}`;

/** Which of the positions have records after them, as position keys. */
export async function withBacklog(
  database: Database,
  positions: readonly Position[],
): Promise<ReadonlySet<string>> {
  if (positions.length === 0) return new Set();
  const answer = await database.query<{ topic_id: number; number: number }>(backlogStatement, [
    positions.map((position) => position.topic.id),
    positions.map((position) => position.number),
    positions.map((position) => String(position.next)),
  ]);
  return new Set(answer.rows.map((row) => positionKey(row.topic_id, row.number)));
}

const backlogStatement = `
  select topic_id, number
  from unnest($1::integer[], $2::integer[], $3::bigint[]) as held (topic_id, number, next)
  join rekey_topics.partitions using (topic_id, number)
  where head > next`;

interface RecordRow {
  readonly record_offset: number;
  readonly key: Buffer;
  readonly headers: Buffer;
  readonly value: Buffer;
  readonly appended_ms: number;
}

/** The next records in offset order, at most `batchMax`; at least one if there is any. */
export async function fetchBatch(
  database: Database,
  position: Position,
  batchMax: number,
): Promise<IncomingBatch> {
  const { topic, number, next } = position;
  const values = [topic.id, number, String(next), batchMax, batchBytesMax];
  const answer = await database.query<RecordRow>(fetchStatement, values);
  const records = answer.rows.map((row) => toIncoming(topic.name, number, row));
  return { topic: topic.name, partition: number, records };
}

// The window runs over sizes only: a value that does not fit is not read.
const fetchStatement = `
  select record_offset, key, headers, value,
         floor(extract(epoch from appended_at) * 1000)::float8 as appended_ms
  from (
    select *, sum(octet_length(value) + octet_length(headers)) over (order by record_offset)
              - octet_length(value) - octet_length(headers) as bytes_before
    from (
      select * from rekey_topics.records
      where topic_id = $1 and number = $2 and record_offset >= $3
      order by record_offset limit $4
    ) as candidates
  ) as measured
  where bytes_before < $5
  order by record_offset`;

function toIncoming(topic: string, partition: number, row: RecordRow): IncomingRecord {
  return {
    topic,
    partition,
    offset: BigInt(row.record_offset),
    key: row.key.toString("utf8"),
    headers: JSON.parse(row.headers.toString("utf8")) as Record<string, string>,
    value: new Uint8Array(row.value.buffer, row.value.byteOffset, row.value.byteLength),
    appendedAt: row.appended_ms,
  };
}

/** Records of these topics that the group has yet to commit, whoever holds the partitions. */
export async function lagOf(
  database: Database,
  group: string,
  topics: readonly Topic[],
): Promise<number> {
  const answer = await database.query<{ lag: string }>(lagStatement, [
    group,
    topics.map((topic) => topic.id),
  ]);
  return Number(answer.rows[0]?.lag ?? 0);
}

const lagStatement = `
  select coalesce(sum(p.head - greatest(coalesce(c.committed, 0), p.first_kept)), 0) as lag
  from rekey_topics.partitions p
  left join rekey_topics.claims c
    on c.consumer_group = $1 and c.topic_id = p.topic_id and c.number = p.number
  where p.topic_id = any ($2::integer[])`;
