import { confidences, severities } from "@rekey/domain";
import { z } from "zod";
import { evidenceUrlSchema } from "../../signals/evidence-url.ts";
import { locatorSchema } from "../../signals/locators.ts";
import { subjectSchema } from "../../signals/signal-fields.ts";
import { inventoryNameSchema, textSchema } from "../../text.ts";
import { instantSchema } from "../../time.ts";
import { bodyBytesMax, route } from "../route.ts";
import { acceptedExample, acceptedReply } from "./accepted.ts";

/** Longest value that is taken as one secret: a key file with its chain fits. */
export const secretLengthMax = 64 * 1024;
/** A scanner's report quotes source files. */
export const scanBytesMax = 8 * 1024 * 1024;

const version = z.number().int().min(1).max(999_999_999);

// The value itself is fingerprinted by the gateway and dropped before anything is stored or published.
const found = z.discriminatedUnion("by", [
  z.strictObject({ by: z.literal("secret"), secret: z.string().min(1).max(secretLengthMax) }),
  z.strictObject({ by: z.literal("locator"), locator: locatorSchema }),
  z.strictObject({
    by: z.literal("credential"),
    credential: inventoryNameSchema,
    version: version.exactOptional(),
  }),
]);

const exposure = z.strictObject({
  found,
  reason: textSchema(1024),
  public: z.boolean().default(false),
  severity: z.enum(severities).default("high"),
  confidence: z.enum(confidences).default("unknown"),
  environment: textSchema(64).exactOptional(),
  evidenceUrl: evidenceUrlSchema.exactOptional(),
  /** Absent: now. */
  occurredAt: instantSchema.exactOptional(),
});

const scan = z.strictObject({
  /** A producer's format, as `rekey producers` lists them. */
  format: textSchema(64),
  /** The report as the scanner wrote it. */
  body: z.string().min(1).max(scanBytesMax),
});

const offboarding = z.strictObject({
  subject: subjectSchema,
  effect: z.enum(["end", "suspend", "end-sessions"]).default("end"),
  reason: textSchema(1024),
  effectiveAt: instantSchema.exactOptional(),
  confidentiality: z.enum(["open", "restricted"]).default("restricted"),
});

const deployment = z.strictObject({
  service: textSchema(128),
  environment: textSchema(64),
  effect: z.enum(["advance", "hold", "rollback", "retire", "end-job", "register", "deregister"]),
  credential: inventoryNameSchema.exactOptional(),
  version: version.exactOptional(),
  correlation: textSchema(256).exactOptional(),
  occurredAt: instantSchema.exactOptional(),
});

const shared = {
  method: "POST",
  command: "signal.report",
  reply: acceptedReply,
  bodyBytesMax,
} as const;

const reply = acceptedExample;

export const reportRoutes = {
  exposure: route({
    ...shared,
    path: "/v1/reports/exposure",
    summary: "A secret, or a credential, may be known to others.",
    body: exposure,
    example: {
      body: {
        found: { by: "credential", credential: "payments-db", version: 3 },
        reason: "pasted into a public chat",
        public: true,
      },
      reply,
    },
  }),
  scan: route({
    ...shared,
    path: "/v1/reports/scan",
    summary: "A scanner's report: one signal per finding; values are fingerprinted and dropped.",
    body: scan,
    bodyBytesMax: 2 * scanBytesMax,
    example: { body: { format: "secretlint", body: "[]" }, reply: { accepted: [], refused: [] } },
  }),
  offboarding: route({
    ...shared,
    path: "/v1/reports/offboarding",
    summary: "A person, partner, service or agent leaves: everything it holds ends.",
    body: offboarding,
    example: {
      body: {
        subject: { type: "partner", ids: [{ scheme: "externalId", value: "partner-acme" }] },
        reason: "the contract ends",
      },
      reply,
    },
  }),
  deployment: route({
    ...shared,
    path: "/v1/reports/deployment",
    summary: "A service was deployed, rolled back or removed, or a job ended.",
    body: deployment,
    example: {
      body: { service: "payments-api", environment: "production", effect: "advance" },
      reply,
    },
  }),
};
