import {
  caseKinds,
  caseOutcomes,
  caseSteps,
  caseWaitReasons,
  modes,
  obligationSettlements,
  signalOutcomes,
} from "@rekey/domain";
import { z } from "zod";
import { problemSchema } from "../../text.ts";
import { instantSchema } from "../../time.ts";
import { listOf } from "../page.ts";
import {
  causeView,
  faultCodeSchema,
  haltedView,
  rotationStateView,
  rotationView,
  runningView,
  waitingView,
} from "./rotation.ts";
import { versionView } from "./version.ts";

const caseState = z.discriminatedUnion("at", [
  runningView,
  waitingView.extend({ for: z.enum(caseWaitReasons) }),
  haltedView,
  z.object({ at: z.literal("closed"), outcome: z.enum(caseOutcomes), reason: z.string() }),
]);

export const caseView = z.object({
  id: z.string(),
  kind: z.enum(caseKinds),
  about: z.string(),
  episode: z.number().int(),
  step: z.enum(caseSteps),
  state: caseState,
  /** The rotations a waiting case waits for; the first of them with what each of them does. */
  waitsOn: z
    .object({
      rotations: z.number().int(),
      first: listOf(z.object({ credential: z.string(), state: rotationStateView })),
    })
    .exactOptional(),
  mode: z.enum(modes),
  cause: causeView.omit({ case: true }),
  producer: z.string(),
  requestedBy: z.string().exactOptional(),
  approvedBy: listOf(z.string()),
  identity: z.string().exactOptional(),
  service: z.string().exactOptional(),
  environment: z.string().exactOptional(),
  signals: z.number().int(),
  wave: z.number().int(),
  failures: z.number().int(),
  lastFault: faultCodeSchema.exactOptional(),
  dueAt: instantSchema,
  openedAt: instantSchema,
  occurredAt: instantSchema,
  closedAt: instantSchema.exactOptional(),
});

const caseItemView = z.object({
  credential: z.string(),
  version: z.number().int().exactOptional(),
  wanted: z.enum(["successor", "none"]),
  wave: z.number().int(),
  rotation: z.string().exactOptional(),
  outcome: z.enum(["ended", "halted", "would-have", "withdrawn", "left"]).exactOptional(),
});

export const obligationView = z.object({
  id: z.string(),
  case: z.string(),
  credential: z.string().exactOptional(),
  version: z.number().int().exactOptional(),
  owner: z.string().exactOptional(),
  openedAt: instantSchema,
  dueAt: instantSchema,
  attempts: z.number().int(),
  lastReason: z.string().exactOptional(),
  settledAt: instantSchema.exactOptional(),
  settledBy: z.enum(obligationSettlements).exactOptional(),
});

/** Rows of one case that are shown; the rest is counted by the lists of credentials and debt. */
const rowsMax = 10_000;

export const caseDetailView = z.object({
  case: caseView,
  items: listOf(caseItemView, rowsMax),
  rotations: listOf(rotationView, rowsMax),
  versions: listOf(versionView, rowsMax),
  obligations: listOf(obligationView, rowsMax),
  /** What lets it go on, where it waits for a person's word. */
  next: z.string().exactOptional(),
});

/** What became of one signal; the only trace of those that were refused or quarantined. */
export const signalView = z.object({
  id: z.string(),
  outcome: z.enum(signalOutcomes),
  reason: z.string(),
  source: z.string(),
  eventId: z.string(),
  receivedAt: instantSchema,
  case: z.string().exactOptional(),
  problems: listOf(problemSchema),
});
