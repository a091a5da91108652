import { nativeProducer } from "./native/producer.ts";
import type { Producer } from "./producer.ts";
import { secretlintProducer } from "./secretlint/producer.ts";

/** Every format of this room, by the name of its folder. */
export const producerCatalog = {
  native: nativeProducer,
  secretlint: secretlintProducer,
} as const satisfies Readonly<Record<string, Producer>>;

export type ProducerFormat = keyof typeof producerCatalog;

export const isProducerFormat = (format: string): format is ProducerFormat =>
  Object.hasOwn(producerCatalog, format);
