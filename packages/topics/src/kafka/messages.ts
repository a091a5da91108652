import type { IncomingRecord, OutgoingRecord } from "@rekey/domain";
import type { IHeaders, KafkaMessage, Message } from "kafkajs";
import { recordBytesMax } from "../limits.ts";
import { topicRefused } from "../refusals.ts";

/** A record as it is sent, and how much of a request it takes. */
export interface SizedMessage {
  readonly topic: string;
  readonly message: Message;
  readonly bytes: number;
}

/** Refuses what exceeds `recordBytesMax`, as every log of ours does, whatever this one would take. */
export function toMessage(record: OutgoingRecord): SizedMessage {
  const { topic, headers } = record;
  const key = Buffer.from(record.key, "utf8");
  const value = Buffer.from(record.value.buffer, record.value.byteOffset, record.value.byteLength);
  const bytes = key.length + value.length + Buffer.byteLength(JSON.stringify(headers), "utf8");
  if (bytes > recordBytesMax) throw topicRefused("RECORD_TOO_LARGE");
  return { topic, message: { key, value, headers: { ...headers } }, bytes };
}

const sendRecordsMax = 1_000;

/**
 * Consecutive pieces, each small enough for a topic's `max.message.bytes`: kafkajs makes one batch of
 * all that goes to one partition.
 */
export function sendsOf(messages: readonly SizedMessage[]): SizedMessage[][] {
  const sends: SizedMessage[][] = [];
  let bytes = 0;
  for (const message of messages) {
    const open = sends.at(-1);
    bytes += message.bytes;
    if (open !== undefined && open.length < sendRecordsMax && bytes <= recordBytesMax) {
      open.push(message);
    } else {
      sends.push([message]);
      bytes = message.bytes;
    }
  }
  return sends;
}

/** A missing key, value or header value is an empty one; of a header that is there twice the last counts. */
export function toRecord(
  place: { readonly topic: string; readonly partition: number },
  message: KafkaMessage,
): IncomingRecord {
  return {
    topic: place.topic,
    partition: place.partition,
    offset: BigInt(message.offset),
    key: message.key?.toString("utf8") ?? "",
    headers: headersOf(message.headers ?? {}),
    value: message.value ?? new Uint8Array(),
    ...appendedAtOf(message),
  };
}

/** What kafkajs decodes and its types leave out: whose clock the timestamp is of. 1 is LogAppendTime. */
type TimedMessage = KafkaMessage & { readonly batchContext?: { readonly timestampType?: number } };
const brokersClock = 1;

/** A timestamp that the writer chose says nothing. */
function appendedAtOf(message: TimedMessage): Pick<IncomingRecord, "appendedAt"> {
  const { timestamp, batchContext } = message;
  return batchContext?.timestampType === brokersClock ? { appendedAt: Number(timestamp) } : {};
}

function headersOf(headers: IHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const last = Array.isArray(value) ? value.at(-1) : value;
      return [name, last?.toString() ?? ""];
    }),
  );
}
