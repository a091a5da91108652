import { outboxShards, toRfc3339, type Notice, type RejectedInput } from "@rekey/domain";
import {
  announcementType,
  announcementWire,
  encodeCloudEvent,
  ownSource,
  quarantinedEvent,
  recordKeyOf,
  topicNames,
  type CloudEvent,
} from "@rekey/contracts";
import type { Draft } from "../rows/draft.ts";
import type { OutboxRow } from "../rows/rows.ts";

export const noticesTopic = "rekey.notices.v1";

/** FNV-1a over the key's UTF-16 units: the same key always waits in the same shard, so its order is kept. */
export const shardOf = (key: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash % outboxShards;
};

/** Leaves an event for the relay, under the event's own key. */
const send = (
  draft: Draft,
  record: {
    readonly topic: string;
    readonly event: CloudEvent;
    readonly announces?: NonNullable<OutboxRow["announces"]>;
  },
): void => {
  const { headers, value } = encodeCloudEvent(record.event);
  const key = recordKeyOf(record.event);
  const text = new TextDecoder().decode(value);
  const row = { position: draft.nextSequence(), shard: shardOf(key), topic: record.topic, key };
  const announces = record.announces === undefined ? {} : { announces: record.announces };
  draft.put("outbox", { ...row, headers, value: text, ...announces });
};

/** Tells consumers of a promoted version; its receipt comes back when the relay has sent it. */
export const sendAnnouncement = (
  draft: Draft,
  announces: NonNullable<OutboxRow["announces"]>,
): void => {
  send(draft, {
    topic: topicNames.announcements,
    announces,
    event: {
      id: draft.newId(),
      source: ownSource,
      type: announcementType,
      subject: `${announces.credential}#${announces.version}`,
      time: toRfc3339(draft.now),
      datacontenttype: "application/json",
      extensions: { partitionkey: announces.credential },
      data: announcementWire({ ...announces, at: draft.now }),
    },
  });
};

/** Shows what could not be understood or believed: its digest and where it stood, never its body. */
export const sendRejected = (draft: Draft, input: RejectedInput): void => {
  send(draft, { topic: topicNames.quarantine, event: quarantinedEvent(input, draft.now) });
};

/** The relay hands notices to the Notifier; `dedupeKey` makes a second delivery harmless. */
export const sendNotices = (draft: Draft, notices: readonly Notice[]): void => {
  for (const notice of notices) {
    draft.put("outbox", {
      position: draft.nextSequence(),
      shard: shardOf(notice.about),
      topic: noticesTopic,
      key: notice.about,
      headers: { "content-type": "application/json" },
      value: JSON.stringify(notice),
    });
  }
};
