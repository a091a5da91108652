export { isProducerFormat, producerCatalog } from "./catalog.ts";
export type { ProducerFormat } from "./catalog.ts";
export { keyedDigest } from "./keyed-digest.ts";
export type { Normalised, Producer, ProducerContext } from "./producer.ts";
export { repeatsValue } from "./repeats-value.ts";
export { secretLocators } from "./secret-locators.ts";
