export { configReference, rekeyConfig } from "./config/embedded.ts";
export type { RekeyConfig } from "./config/embedded.ts";
export { startRekey } from "./rekey-up.ts";
export type { RunningRekey } from "./rekey-up.ts";
export { runUp } from "./run-up.ts";
export { build } from "./build.ts";
export { serviceConfigReference } from "./config/service.ts";
export { runService } from "./service/run-service.ts";
