import { confidences, severities, subjectTypes } from "@rekey/domain";
import { z } from "zod";
import { digestSchema, textSchema } from "../text.ts";
import { instantSchema } from "../time.ts";
import { evidenceUrlSchema } from "./evidence-url.ts";
import { locatorSchema } from "./locators.ts";

/** Most locators one signal may carry, and most ids of its subject. */
export const locatorsMax = 16;
const subjectIdsMax = 16;

export const subjectSchema = z.strictObject({
  type: z.enum(subjectTypes),
  ids: z
    .array(z.strictObject({ scheme: textSchema(64), value: textSchema(512) }))
    .min(1, "must name the subject at least once")
    .max(subjectIdsMax),
});

/** What the producer says of itself. The receiver binds `feed` to the producer it authenticated. */
const sourceSchema = z.strictObject({
  system: textSchema(128),
  tenant: textSchema(128).exactOptional(),
  feed: textSchema(128),
  rawDigest: digestSchema.exactOptional(),
});

/** What every type of signal shares; each type adds its own words for disposition and effect. */
export const signalFields = {
  locators: z.array(locatorSchema).max(locatorsMax).default([]),
  environment: textSchema(64).exactOptional(),
  public: z.boolean().default(false),
  severity: z.enum(severities).default("info"),
  confidence: z.enum(confidences).default("unknown"),
  occurredAt: instantSchema,
  effectiveAt: instantSchema.exactOptional(),
  confidentiality: z.enum(["open", "restricted"]).default("open"),
  evidenceUrl: evidenceUrlSchema.exactOptional(),
  dedupeKey: textSchema(512).exactOptional(),
  correlation: textSchema(256).exactOptional(),
  reason: textSchema(1024).exactOptional(),
  source: sourceSchema.exactOptional(),
};
