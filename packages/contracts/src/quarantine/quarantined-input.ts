import { toRfc3339, type Instant, type RejectedInput } from "@rekey/domain";
import { z } from "zod";
import { ownSource } from "../audit/audit-event.ts";
import type { CloudEvent } from "../cloudevents/cloud-event.ts";
import { problemsMax } from "../parsed.ts";
import { digestSchema, problemSchema, textSchema } from "../text.ts";

/** The type of an event on `rekey.quarantine.v1`. */
export const quarantinedType = "rekey.input.quarantined.v1";

/** Digest and coordinates of what could not be understood or trusted, and why. Never the body. */
export const quarantinedSchema = z.strictObject({
  /** The topic or route it came by. */
  source: textSchema(256),
  /** `topic/partition/offset`, or the request's id. */
  coordinates: textSchema(256),
  /** HMAC-SHA-256 under the pepper, hex, of the bytes as they arrived: nobody can guess what was in them. */
  digest: digestSchema,
  outcome: z.enum(["refused", "quarantined"]),
  reason: textSchema(1_024),
  problems: z.array(problemSchema).max(problemsMax),
});

/** The event that shows a rejected input; its key is the source topic. */
export const quarantinedEvent = (input: RejectedInput, at: Instant): CloudEvent => ({
  id: input.id,
  source: ownSource,
  type: quarantinedType,
  time: toRfc3339(at),
  datacontenttype: "application/json",
  extensions: { partitionkey: input.source },
  data: {
    source: input.source,
    coordinates: input.coordinates,
    digest: input.digest,
    outcome: input.outcome,
    reason: input.reason,
    problems: input.problems.slice(0, problemsMax).map(({ path, reason }) => ({ path, reason })),
  },
});
