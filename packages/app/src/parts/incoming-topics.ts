import { producerTopic, topicNames } from "@rekey/contracts";
import type { SharedConfig } from "../config/sections.ts";

/** Topics that signals come in by: one for the gateway, one for each producer. */
export const incomingTopics = ({
  producers,
}: Pick<SharedConfig, "producers">): readonly string[] => [
  topicNames.api,
  ...Object.keys(producers).map((name) => producerTopic(name)),
];

/** All that an intake reads: signals, and what consumers say. */
export const intakeTopics = (config: Pick<SharedConfig, "producers">): readonly string[] => [
  ...incomingTopics(config),
  topicNames.moved,
];
