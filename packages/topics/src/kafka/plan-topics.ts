import type { WantedTopic } from "./wanted-topics.ts";
import { weakCopies } from "./weak-copies.ts";
import type { Copies, TopicWeakness } from "./weak-copies.ts";

/** A topic as the brokers have it; `settings` has what applies, whoever set it. */
export type FoundTopic = WantedTopic;

export interface TopicDifference {
  readonly topic: string;
  /** `partitions`, `replicas` or the name of a setting. */
  readonly what: string;
  readonly found: string;
  readonly wanted: string;
}

export interface TopicsPlan {
  readonly create: readonly WantedTopic[];
  /** Settings that are raised: nothing is lost by it. */
  readonly change: readonly TopicDifference[];
  /** What only a person may change, as records, order or copies could be lost by it. */
  readonly leave: readonly TopicDifference[];
  /** What will work, and does not outlive the loss of a broker as well as this cluster could. */
  readonly weak: readonly TopicWeakness[];
}

/** What lies between the topics that are wanted and those that are there. Never deletes, never lowers. */
export function planTopics(
  wanted: readonly WantedTopic[],
  found: readonly FoundTopic[],
  brokers: number,
): TopicsPlan {
  const byName = new Map(found.map((topic) => [topic.name, topic]));
  const pairs = wanted.map((topic) => ({ topic, existing: byName.get(topic.name) }));
  const differences = pairs.flatMap(({ topic, existing }) =>
    existing === undefined ? [] : differencesOf(topic, existing),
  );
  const change = differences.flatMap(({ raises, difference }) => (raises ? [difference] : []));
  const afterwards = pairs.map(({ topic, existing }) =>
    existing === undefined ? topic : changed(existing, change),
  );
  return {
    create: pairs.flatMap(({ topic, existing }) => (existing === undefined ? [topic] : [])),
    change,
    leave: differences.flatMap(({ raises, difference }) => (raises ? [] : [difference])),
    weak: weakCopies(afterwards.map(copiesOf), brokers),
  };
}

const changed = (topic: FoundTopic, change: readonly TopicDifference[]): FoundTopic => ({
  ...topic,
  settings: {
    ...topic.settings,
    ...Object.fromEntries(
      change
        .filter((difference) => difference.topic === topic.name)
        .map(({ what, wanted }) => [what, wanted]),
    ),
  },
});

/** What matters of a topic when a broker goes away. */
export const copiesOf = ({ name, replicas, settings }: FoundTopic): Copies => {
  const insync = settings["min.insync.replicas"];
  return { topic: name, replicas, insync: insync === undefined ? undefined : Number(insync) };
};

interface Judged {
  readonly raises: boolean;
  readonly difference: TopicDifference;
}

function differencesOf(wanted: WantedTopic, found: FoundTopic): Judged[] {
  const left = (what: "partitions" | "replicas"): Judged => ({
    raises: false,
    difference: {
      topic: wanted.name,
      what,
      found: String(found[what]),
      wanted: String(wanted[what]),
    },
  });
  const settings = Object.entries(wanted.settings).flatMap(([what, value]) => {
    const has = found.settings[what] ?? "";
    if (has === value) return [];
    const raises = mayRaise(what, { has, value, replicas: found.replicas });
    return [{ raises, difference: { topic: wanted.name, what, found: has, wanted: value } }];
  });
  return [
    ...(wanted.partitions === found.partitions ? [] : [left("partitions")]),
    ...(wanted.replicas === found.replicas ? [] : [left("replicas")]),
    ...settings,
  ];
}

const forEver = "-1";

function mayRaise(
  what: string,
  { has, value, replicas }: { has: string; value: string; replicas: number },
): boolean {
  if (what === "retention.ms") return has !== forEver && (value === forEver || isMore(value, has));
  if (what === "max.message.bytes") return isMore(value, has);
  // More than there are copies, and nothing could be appended any more.
  if (what === "min.insync.replicas") return isMore(value, has) && Number(value) <= replicas;
  // What is there keeps the time it has.
  if (what === "message.timestamp.type") return value === "LogAppendTime";
  // Compaction begun or ended removes records that were kept until now.
  return false;
}

const isMore = (left: string, right: string): boolean => Number(left) > Number(right);
