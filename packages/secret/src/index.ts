export { Secret } from "./secret.ts";
export type { Fingerprint, Pepper } from "./secret.ts";
