import { gitleaksProducer } from "./gitleaks/producer.ts";
import { nativeProducer } from "./native/producer.ts";
import type { Producer } from "./producer.ts";
import { sarifProducer } from "./sarif/producer.ts";
import { secretlintProducer } from "./secretlint/producer.ts";

/** Every format of this room, by the name of its folder. */
export const producerCatalog = {
  gitleaks: gitleaksProducer,
  native: nativeProducer,
  sarif: sarifProducer,
  secretlint: secretlintProducer,
} as const satisfies Readonly<Record<string, Producer>>;

export type ProducerFormat = keyof typeof producerCatalog;

export const isProducerFormat = (format: string): format is ProducerFormat =>
  Object.hasOwn(producerCatalog, format);
