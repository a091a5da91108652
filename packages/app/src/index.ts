export { configReference, rekeyConfig } from "./config.ts";
export type { RekeyConfig } from "./config.ts";
export { startRekey } from "./rekey-up.ts";
export type { RunningRekey } from "./rekey-up.ts";
export { runUp } from "./run-up.ts";
export { build } from "./build.ts";
