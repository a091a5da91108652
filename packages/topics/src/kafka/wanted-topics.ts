import { topicNames } from "@rekey/contracts";
import { recordBytesMax } from "../limits.ts";

/** A topic as it should be. `settings` are Kafka's own names: https://kafka.apache.org/documentation/#topicconfigs */
export interface WantedTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicas: number;
  readonly settings: Readonly<Record<string, string>>;
}

export interface TopicsWish {
  /** Topics of producers, `rekey.in.…`; the API's and the consumers' are added. */
  readonly incoming: readonly string[];
  readonly partitions: number;
  /** At most the number of brokers. */
  readonly replicas: number;
  /** Copies that have a record before it counts as appended. */
  readonly insyncReplicasMin: number;
  readonly incomingRetentionMs: number;
  readonly quarantineRetentionMs: number;
  /** -1 keeps audit events for ever. */
  readonly auditRetentionMs: number;
}

// A batch has a header, and each of its records some bytes of lengths.
const batchOverhead = 65_536;

/** Every topic of an installation, once, in the order of their names. */
export function wantedTopics(wish: TopicsWish): WantedTopic[] {
  const { partitions, replicas } = wish;
  const wanted = (name: string, settings: Record<string, string>): WantedTopic => ({
    name,
    partitions,
    replicas,
    settings: {
      ...settings,
      "max.message.bytes": String(recordBytesMax + batchOverhead),
      "min.insync.replicas": String(wish.insyncReplicasMin),
    },
  });
  const kept = (name: string, retentionMs: number): WantedTopic =>
    wanted(name, { "cleanup.policy": "delete", "retention.ms": String(retentionMs) });
  const incoming = new Set([topicNames.api, ...wish.incoming]);
  const all = [
    ...[...incoming].map((name) => kept(name, wish.incomingRetentionMs)),
    wanted(topicNames.moved, {
      "cleanup.policy": "delete",
      "retention.ms": String(wish.incomingRetentionMs),
      // A statement's age is judged by when it was appended, so its writer must not choose that.
      "message.timestamp.type": "LogAppendTime",
    }),
    kept(topicNames.audit, wish.auditRetentionMs),
    kept(topicNames.quarantine, wish.quarantineRetentionMs),
    wanted(topicNames.announcements, { "cleanup.policy": "compact" }),
  ];
  return all.toSorted((left, right) => (left.name < right.name ? -1 : 1));
}
