import { describeStack } from "@rekey/stack/vitest";
import { dispatcherSuite } from "../dispatcher.suite.ts";
import { redisWorld } from "./world.suite.ts";

describeStack(["redis"], "Redis", () => {
  dispatcherSuite("dispatcher on Redis", redisWorld);
});
