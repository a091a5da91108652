import type { OutgoingRecord } from "@rekey/domain";
import { assert } from "@rekey/domain";
import type { Database } from "./connect.ts";
import { topicNamed } from "./declare.ts";
import type { Topics } from "./declare.ts";
import { recordBytesMax } from "../limits.ts";
import { topicRefused } from "../refusals.ts";
import { partitionOfKey } from "./partition-of-key.ts";

const chunkRecordsMax = 500;
// The wire carries bytes as hexadecimal text, so a statement is about twice as long.
const chunkBytesMax = 4 * 1_048_576;

export interface StoredRecord {
  readonly topicId: number;
  readonly number: number;
  readonly key: Buffer;
  readonly headers: Buffer;
  readonly value: Uint8Array;
}

/** The record as it is kept; refuses an undeclared topic and whatever exceeds `recordBytesMax`. */
export function toStored(topics: Topics, record: OutgoingRecord): StoredRecord {
  const topic = topicNamed(topics, record.topic);
  const stored = {
    topicId: topic.id,
    number: partitionOfKey(record.key, topic.partitions),
    key: Buffer.from(record.key, "utf8"),
    headers: Buffer.from(JSON.stringify(record.headers), "utf8"),
    value: record.value,
  };
  if (bytesOf(stored) > recordBytesMax) throw topicRefused("RECORD_TOO_LARGE");
  return stored;
}

const bytesOf = (record: StoredRecord): number =>
  record.key.length + record.headers.length + record.value.length;

/** Consecutive pieces, each small enough for one statement. */
export function chunksOf(records: readonly StoredRecord[]): StoredRecord[][] {
  const chunks: StoredRecord[][] = [];
  let bytes = 0;
  for (const record of records) {
    const open = chunks.at(-1);
    bytes += bytesOf(record);
    if (open !== undefined && open.length < chunkRecordsMax && bytes <= chunkBytesMax) {
      open.push(record);
    } else {
      chunks.push([record]);
      bytes = bytesOf(record);
    }
  }
  return chunks;
}

/**
 * Appends one chunk. It must be the last statement of its transaction: from here to the commit the
 * partitions are locked, and that lock is what makes commit order offset order.
 */
export async function appendChunk(
  database: Database,
  chunk: readonly StoredRecord[],
): Promise<void> {
  const answer = await database.query(appendStatement, [
    chunk.map((record) => record.topicId),
    chunk.map((record) => record.number),
    chunk.map((record) => record.key),
    chunk.map((record) => record.headers),
    chunk.map((record) => asBuffer(record.value)),
  ]);
  assert(answer.rowCount === chunk.length, "an append wrote another number of records");
}

// The driver takes Buffers only; this one shares the caller's memory.
const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

// Partitions are locked in one order, or two appends to several partitions could deadlock.
const appendStatement = `
  with incoming as materialized (
    select * from unnest($1::integer[], $2::integer[], $3::bytea[], $4::bytea[], $5::bytea[])
      with ordinality as record (topic_id, number, key, headers, value, place)
  ), counted as materialized (
    select topic_id, number, count(*) as records from incoming group by topic_id, number
  ), locked as materialized (
    select p.topic_id, p.number
    from rekey_topics.partitions p join counted using (topic_id, number)
    order by p.topic_id, p.number
    for no key update of p
  ), taken as (
    update rekey_topics.partitions p set head = p.head + c.records
    from locked join counted c using (topic_id, number)
    where p.topic_id = locked.topic_id and p.number = locked.number
    returning p.topic_id, p.number, p.head - c.records as base
  )
  insert into rekey_topics.records (topic_id, number, record_offset, key, headers, value)
  select topic_id, number,
         base + row_number() over (partition by topic_id, number order by place) - 1,
         key, headers, value
  from incoming join taken using (topic_id, number)`;
