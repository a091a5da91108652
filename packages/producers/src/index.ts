export { isProducerFormat, producerCatalog } from "./catalog.ts";
export type { ProducerFormat } from "./catalog.ts";
export type { Normalised, Producer, ProducerContext } from "./producer.ts";
export { secretLocators } from "./secret-locators.ts";
