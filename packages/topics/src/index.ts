export { migrateEmbeddedTopics } from "./embedded/migrate.ts";
export { openEmbeddedTopics } from "./embedded/open.ts";
export type { EmbeddedTopics, EmbeddedTopicsOptions } from "./embedded/open.ts";
export type { TopicDeclaration } from "./embedded/declare.ts";
export { recordBytesMax } from "./limits.ts";
export { openKafkaTopics } from "./kafka/open.ts";
export type { KafkaTopics, KafkaTopicsOptions } from "./kafka/open.ts";
export type { KafkaSasl, KafkaTls } from "./kafka/connect.ts";
