import {
  durationShape,
  exposureResponses,
  formatDuration,
  graceEndings,
  parseDuration,
  policyDefaults,
  policyName,
  windowProblem,
  type Policy,
} from "@rekey/domain";
import { z } from "zod";
import { inventoryNameSchema, textSchema } from "../text.ts";
import { instantSchema } from "../time.ts";

/** `15 m` in a document, milliseconds in code. */
export const durationSchema = z
  .codec(z.string().max(32), z.number().int(), {
    decode: (text, context) => {
      const milliseconds = parseDuration(text);
      if (milliseconds !== undefined) return milliseconds;
      context.issues.push({ code: "custom", message: durationShape, input: undefined });
      return z.NEVER;
    },
    encode: formatDuration,
  })
  .meta({ description: durationShape });

const listMax = 100;
const countMax = 1_000_000;

const windowSchema = z
  .strictObject({ cron: textSchema(128), zone: textSchema(64), duration: durationSchema })
  .superRefine((window, context) => {
    const reason = windowProblem(window.cron, window.zone);
    if (reason !== undefined) context.addIssue({ code: "custom", path: ["cron"], message: reason });
  })
  .transform(({ cron, zone, duration }) => ({ cron, zone, durationMs: duration }));

const freezeSchema = z
  .strictObject({ from: instantSchema, until: instantSchema, reason: textSchema(512) })
  .refine((freeze) => freeze.from < freeze.until, {
    path: ["until"],
    message: "must be after from",
  });

const breakerSchema = z
  .strictObject({
    kills: z.number().int().min(0).max(countMax).default(policyDefaults.breaker.killsMax),
    containments: z
      .number()
      .int()
      .min(0)
      .max(countMax)
      .default(policyDefaults.breaker.containmentsMax),
    window: durationSchema.default(policyDefaults.breaker.windowMs),
  })
  .transform((breaker) => ({
    killsMax: breaker.kills,
    containmentsMax: breaker.containments,
    windowMs: breaker.window,
  }));

const graceOverSchema = z.strictObject({
  planned: z.enum(graceEndings).default(policyDefaults.graceOver.planned),
  incident: z.enum(graceEndings).default(policyDefaults.graceOver.incident),
});

/** A policy as people write it; whatever is silent takes the domain's default. */
export const policySchema = z
  .strictObject({
    name: inventoryNameSchema,
    rotateAfter: durationSchema.exactOptional(),
    grace: durationSchema.default(policyDefaults.graceMs),
    graceOver: graceOverSchema.default({ ...policyDefaults.graceOver }),
    reversibleFor: durationSchema.default(policyDefaults.reversibleForMs),
    notice: durationSchema.default(policyDefaults.noticeMs),
    onExposure: z.enum(exposureResponses).exactOptional(),
    windows: z.array(windowSchema).max(listMax).default([]),
    freezes: z.array(freezeSchema).max(listMax).default([]),
    allowListedProof: z.boolean().default(policyDefaults.allowListedProof),
    allowOutage: z.boolean().default(policyDefaults.allowOutage),
    breaker: breakerSchema.default({ ...policyDefaults.breaker }),
  })
  .transform(({ name, rotateAfter, grace, reversibleFor, notice, ...rest }): Policy => ({
    ...rest,
    name: policyName(name),
    ...(rotateAfter !== undefined && { rotateAfterMs: rotateAfter }),
    graceMs: grace,
    reversibleForMs: reversibleFor,
    noticeMs: notice,
  }));
