// The search alone, for programs that are no test: nothing here loads the test runner.
export { createCanary, findCanaries } from "./canary.ts";
export type { Canary, CanaryHit } from "./canary.ts";
export { fileSink } from "./canary-sinks.ts";
