import { probeStrengths, proofGrades, versionLabels, versionLives } from "@rekey/domain";
import { z } from "zod";
import { instantSchema } from "../../time.ts";
import { listOf } from "../page.ts";

const probe = z.object({
  answer: z.enum(["dead", "alive", "unknown"]),
  strength: z.enum(probeStrengths),
  code: z.string(),
  vantage: z.string(),
  at: instantSchema,
  role: z.enum(["subject", "positive-control", "negative-control"]),
  of: z.object({ credential: z.string(), version: z.number() }),
});

/** Probes of one proof: vantages × repeats × three roles. */
const probesMax = 500;

export const proofView = z.object({
  grade: z.enum(proofGrades),
  strength: z.enum(probeStrengths),
  probes: listOf(probe, probesMax),
  provenAt: instantSchema,
  windowMs: z.number(),
  derivedEnded: z.number(),
  derivedLeft: z.number(),
  reason: z.string().exactOptional(),
});

/** One value of a credential, without anything that could identify the value. */
export const versionView = z.object({
  credential: z.string(),
  number: z.number().int(),
  label: z.enum(versionLabels),
  life: z.enum(versionLives),
  rotation: z.string(),
  principal: z.string().exactOptional(),
  staged: z.boolean(),
  exposedAt: instantSchema.exactOptional(),
  mintedAt: instantSchema.exactOptional(),
  promotedAt: instantSchema.exactOptional(),
  containedAt: instantSchema.exactOptional(),
  suspendedAt: instantSchema.exactOptional(),
  provenDeadAt: instantSchema.exactOptional(),
  proof: proofView.exactOptional(),
});
