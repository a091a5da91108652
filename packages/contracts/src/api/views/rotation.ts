import {
  causeKinds,
  confidences,
  effectStates,
  faultCodes,
  modes,
  stepKinds,
  waitReasons,
  type FaultCode,
} from "@rekey/domain";
import { z } from "zod";
import { instantSchema } from "../../time.ts";
import { listOf } from "../page.ts";

export const faultCodeSchema = z.enum(Object.keys(faultCodes) as FaultCode[]);

const haltView = z.object({
  code: faultCodeSchema,
  reason: z.string(),
  nextSafeAction: z.string(),
  providerCode: z.string().exactOptional(),
});

export const waitingView = z.object({
  at: z.literal("waiting"),
  for: z.enum(waitReasons),
  until: instantSchema,
  reason: z.string(),
});
export const runningView = z.object({ at: z.literal("running") });
export const haltedView = z.object({ at: z.literal("halted"), halt: haltView });

export const rotationStateView = z.discriminatedUnion("at", [
  runningView,
  waitingView,
  haltedView,
  z.object({ at: z.literal("completed") }),
  z.object({ at: z.literal("undone") }),
  z.object({ at: z.literal("withdrawn"), reason: z.string() }),
  z.object({ at: z.literal("would-have") }),
]);

export const causeView = z.object({
  kind: z.enum(causeKinds),
  case: z.string(),
  at: instantSchema,
  version: z.number().int().exactOptional(),
  public: z.boolean().exactOptional(),
  confidence: z.enum(confidences).exactOptional(),
});

export const plannedStepView = z.object({
  key: z.string(),
  kind: z.enum(stepKinds),
  version: z.number().int().exactOptional(),
  why: z.string(),
});

/** Longest lists a rotation shows: steps, causes, consumers. */
const rowsMax = 1_000;

export const rotationView = z.object({
  id: z.string(),
  credential: z.string(),
  number: z.number().int(),
  state: rotationStateView,
  mode: z.enum(modes),
  approved: z.boolean(),
  wanted: z.enum(["successor", "none"]),
  causes: listOf(causeView, rowsMax),
  dying: listOf(z.number().int(), rowsMax),
  successor: z.number().int().exactOptional(),
  plan: listOf(plannedStepView, rowsMax),
  done: listOf(z.string(), rowsMax),
  open: z
    .object({ key: z.string(), attempt: z.number().int(), intendedAt: instantSchema })
    .exactOptional(),
  failures: z.number().int(),
  lastFault: faultCodeSchema.exactOptional(),
  dueAt: instantSchema,
  startedAt: instantSchema,
  announcedAt: instantSchema.exactOptional(),
  graceEndsAt: instantSchema.exactOptional(),
  moved: listOf(z.string(), rowsMax),
  unmoved: listOf(z.string(), rowsMax),
  undoing: z.boolean(),
  endedAt: instantSchema.exactOptional(),
});

export const effectView = z.object({
  step: z.string(),
  attempt: z.number().int(),
  version: z.number().int().exactOptional(),
  state: z.enum(effectStates),
  fault: z.string().exactOptional(),
});

export const effectsMax = rowsMax;
