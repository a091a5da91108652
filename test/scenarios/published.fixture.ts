import {
  announcementSchema,
  decodeAuditEvent,
  decodeCloudEvent,
  parseWith,
  quarantinedSchema,
  recordKeyOf,
  topicNames,
  type CloudEvent,
  type Parsed,
} from "@rekey/contracts";
import type { EventSink, OutgoingRecord } from "@rekey/domain";

const readers: Readonly<Record<string, (event: CloudEvent) => Parsed<unknown>>> = {
  [topicNames.audit]: decodeAuditEvent,
  [topicNames.announcements]: ({ data }) => parseWith(announcementSchema, data),
  [topicNames.quarantine]: ({ data }) => parseWith(quarantinedSchema, data),
};

/** Throws for a record that a reader would refuse who knows the published schemas and nothing else. */
export const assertPublished = ({ topic, key, headers, value }: OutgoingRecord): void => {
  const event = decodeCloudEvent({ headers, value });
  const read = event.value === undefined ? event : readers[topic]?.(event.value);
  const isUnderItsKey = event.value !== undefined && recordKeyOf(event.value) === key;
  if (read === undefined || read.problems !== undefined || !isUnderItsKey)
    throw new Error(
      `broken promise: ${topic} has what its schema refuses: ${JSON.stringify(read?.problems)} ${new TextDecoder().decode(value)}`,
    );
};

/** A log that takes what its readers would, and keeps it in `sent`. */
export const publishedSink = (sent: OutgoingRecord[]): EventSink => ({
  append: async (records) => {
    for (const record of records) assertPublished(record);
    await Promise.resolve(sent.push(...records));
  },
  check: async () => {},
  close: async () => {},
});
