import { auditEventTypes } from "@rekey/domain";
import { z } from "zod";
import { digestSchema } from "../../text.ts";
import { instantSchema } from "../../time.ts";

/** One audit row in its place. `digest` is the SHA-256 of the canonical bytes of the rest without `position`. */
export const auditEventView = z.object({
  id: z.string(),
  /** One of `auditEventTypes`, or what a build after this one records: a page with it stays readable. */
  type: z.string().meta({
    description: "a build after this one may record others: show what you do not know as it is",
    examples: [...auditEventTypes],
  }),
  actor: z.object({
    id: z.string(),
    authenticated: z.enum(["local-socket", "jwt", "mtls", "consumer-key", "internal"]),
  }),
  reason: z.string(),
  credential: z.string().exactOptional(),
  version: z.number().int().exactOptional(),
  case: z.string().exactOptional(),
  rotation: z.string().exactOptional(),
  signal: z.string().exactOptional(),
  policyDigest: z.string().exactOptional(),
  planDigest: z.string().exactOptional(),
  signalAuthentication: z.string().exactOptional(),
  detail: z.record(z.string(), z.unknown()),
  at: instantSchema,
  build: z.string(),
  digest: digestSchema,
  /** 0, 1, 2, … over the whole log, without a gap; given after the commit, never changed. */
  position: z.number().int().nonnegative(),
});
