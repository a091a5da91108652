/** Topics by name. Who may write each is in docs/events.md; a producer's own topic is `rekey.in.<producer>`. */
export const topicNames = {
  audit: "rekey.audit.v1",
  announcements: "rekey.announcements.v1",
  quarantine: "rekey.quarantine.v1",
  /** What the gateway publishes for those who report through its API. */
  api: "rekey.in.api",
  /** What instances of consumers say, each event signed by its consumer's key. */
  moved: "rekey.in.moved",
} as const;

/** Names that no producer may have: the topics that would be theirs are others'. */
export const reservedProducers: readonly string[] = ["api", "moved"];

const inPrefix = "rekey.in.";

export const producerTopic = (producer: string): string => `${inPrefix}${producer}`;

/** The producer that alone may write a topic; undefined for topics that are not a producer's. */
export const producerOfTopic = (topic: string): string | undefined =>
  topic.startsWith(inPrefix) && topic.length > inPrefix.length
    ? topic.slice(inPrefix.length)
    : undefined;
