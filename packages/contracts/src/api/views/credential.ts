import { criticalities, endings, exposureResponses, graceEndings } from "@rekey/domain";
import { z } from "zod";
import { instantSchema } from "../../time.ts";
import { listOf } from "../page.ts";
import { rotationView } from "./rotation.ts";
import { versionView } from "./version.ts";

const graceEnding = z.enum(graceEndings);

export const policyView = z.object({
  name: z.string(),
  rotateAfterMs: z.number().exactOptional(),
  graceMs: z.number(),
  graceOver: z.object({ planned: graceEnding, incident: graceEnding }),
  reversibleForMs: z.number(),
  noticeMs: z.number(),
  onExposure: z.enum(exposureResponses).exactOptional(),
  allowListedProof: z.boolean(),
  allowOutage: z.boolean(),
});

const consumerView = z.object({
  consumer: z.object({
    id: z.string(),
    identity: z.string(),
    environment: z.string(),
    service: z.string(),
  }),
  instances: listOf(
    z.object({
      consumer: z.string(),
      instance: z.string(),
      lastSeenAt: instantSchema,
      version: z.number().int().exactOptional(),
      acknowledgedAt: instantSchema.exactOptional(),
      counted: z.boolean(),
    }),
    10_000,
  ),
  deployedAt: instantSchema.exactOptional(),
});

const declaredView = z.object({
  id: z.string(),
  identity: z.string(),
  owner: z.string(),
  purpose: z.string(),
  environment: z.string(),
  criticality: z.enum(criticalities),
  issuer: z.object({ instance: z.string(), settings: z.record(z.string(), z.unknown()) }),
  store: z
    .object({ store: z.string(), document: z.string(), fields: z.record(z.string(), z.string()) })
    .exactOptional(),
  consumers: listOf(z.string(), 10_000),
  policy: z.string(),
  endsWith: z.enum(endings).exactOptional(),
  exclusive: z.boolean(),
  protected: z.boolean(),
  control: z.boolean(),
  declared: z.boolean(),
  ended: z.boolean(),
});

export const credentialView = z.object({
  credential: declaredView,
  policy: policyView,
  versions: listOf(versionView, 10_000),
  active: rotationView.exactOptional(),
  consumers: listOf(consumerView, 10_000),
});
