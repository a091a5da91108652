import { describeStack } from "@rekey/stack/vitest";
import { topicsSuite } from "../topics.suite.ts";
import { kafkaWorld } from "./world.suite.ts";

describeStack(["kafka"], "a real broker", () => {
  topicsSuite("topics on Kafka", kafkaWorld);
});
