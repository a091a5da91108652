import type { SignalKind } from "@rekey/domain";
import { z } from "zod";
import { signalFields, subjectSchema } from "./signal-fields.ts";

const exposureReported = z
  .strictObject({
    ...signalFields,
    disposition: z
      .enum(["act", "resolve", "note", "update", "close", "verify", "manual"])
      .default("act"),
    effect: z.literal("expose").default("expose"),
    subject: subjectSchema.exactOptional(),
    severity: signalFields.severity.unwrap(),
  })
  .refine((data) => data.disposition !== "act" || data.locators.length > 0, {
    path: ["locators"],
    message: "must not be empty, or the disposition must be resolve or manual",
  });

// A person's departure is nobody's business but the case owners', unless the producer says otherwise.
const identityOffboarded = z.strictObject({
  ...signalFields,
  disposition: z.enum(["act", "note", "close", "verify", "manual"]).default("act"),
  effect: z.enum(["end", "suspend", "end-sessions"]).default("end"),
  subject: subjectSchema,
  confidentiality: signalFields.confidentiality.unwrap().default("restricted"),
});

const deploymentChanged = z
  .strictObject({
    ...signalFields,
    disposition: z.enum(["act", "note", "manual"]).default("act"),
    effect: z.enum(["advance", "hold", "rollback", "retire", "end-job", "register", "deregister"]),
    subject: subjectSchema,
  })
  .refine((data) => data.disposition !== "act" || data.environment !== undefined, {
    path: ["environment"],
    message: "is missing: without it the disposition must be manual",
  })
  .refine(({ subject }) => subject.type !== "service" || subject.ids.some(isServiceName), {
    path: ["subject", "ids"],
    message: "must name the service by the scheme service",
  });

// The name by which the inventory's consumers declare their service.
const isServiceName = (id: { scheme: string }): boolean => id.scheme === "service";

const credentialUsed = z
  .strictObject({
    ...signalFields,
    disposition: z.enum(["note", "act", "verify"]).default("note"),
    effect: z.enum(["register", "confirm"]).exactOptional(),
    subject: subjectSchema,
  })
  .refine((data) => data.locators.length > 0, {
    path: ["locators"],
    message: "must name the version that was used",
  });

const rotationRequested = z
  .strictObject({
    ...signalFields,
    disposition: z.enum(["act", "manual"]).default("act"),
    effect: z.enum(["rotate", "retire", "suspend", "end"]).default("rotate"),
    subject: subjectSchema.exactOptional(),
    reason: signalFields.reason.unwrap(),
  })
  .refine((data) => data.locators.some((locator) => locator.scheme === "rekey"), {
    path: ["locators"],
    message: "must name a credential by the scheme rekey",
  });

/** The types a producer may publish, each with the schema of its data. A published meaning never changes: a new meaning is a new version. */
export const signalContentSchemas = {
  "rekey.exposure.reported.v1": exposureReported,
  "rekey.identity.offboarded.v1": identityOffboarded,
  "rekey.deployment.changed.v1": deploymentChanged,
  "rekey.credential.used.v1": credentialUsed,
  "rekey.rotation.requested.v1": rotationRequested,
} as const;

export type SignalType = keyof typeof signalContentSchemas;
export const signalTypes = Object.keys(signalContentSchemas) as SignalType[];

/** What a producer writes as the event's data. */
export type SignalContent = {
  readonly [Type in SignalType]: z.input<(typeof signalContentSchemas)[Type]>;
};

export const kindOfType = {
  "rekey.exposure.reported.v1": "exposure",
  "rekey.identity.offboarded.v1": "offboarding",
  "rekey.deployment.changed.v1": "lifecycle",
  "rekey.credential.used.v1": "usage",
  "rekey.rotation.requested.v1": "manual",
} as const satisfies Record<SignalType, SignalKind>;

export const isSignalType = (type: string): type is SignalType =>
  Object.hasOwn(signalContentSchemas, type);
