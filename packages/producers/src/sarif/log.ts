import { z } from "zod";

const text = z.string().max(4_096);

/** A run of a SARIF 2.1.0 log; its results are read one by one, so that a strange one does not hide the rest. */
export const runSchema = z.object({
  tool: z.object({ driver: z.object({ name: z.string().min(1).max(256) }) }),
  /** Null where the tool could not run (3.14.23). */
  results: z.array(z.unknown()).nullable().default([]),
});
export type Run = z.output<typeof runSchema>;

const location = z.object({
  physicalLocation: z
    .object({
      artifactLocation: z.object({ uri: text.default("") }).default({ uri: "" }),
      region: z
        .object({
          startLine: z.number().int().default(0),
          startColumn: z.number().int().default(0),
          snippet: z.object({ text: z.string().default("") }).default({ text: "" }),
        })
        .default({ startLine: 0, startColumn: 0, snippet: { text: "" } }),
    })
    .exactOptional(),
});

const suppression = z.object({
  status: z.enum(["accepted", "underReview", "rejected"]).default("accepted"),
});

/** A result; what the standard lets out has the default that it names, except the level. */
export const resultSchema = z.object({
  ruleId: z.string().max(256).default(""),
  /** Absent: nobody said, and a secret is not a warning. */
  level: z.enum(["none", "note", "warning", "error"]).exactOptional(),
  kind: z
    .enum(["notApplicable", "pass", "fail", "review", "open", "informational"])
    .default("fail"),
  baselineState: z.enum(["new", "unchanged", "updated", "absent"]).exactOptional(),
  locations: z.array(location).default([]),
  suppressions: z.array(suppression).default([]),
  fingerprints: z.record(z.string(), text).default({}),
  /** gitleaks keeps the commit and its date here. */
  partialFingerprints: z.record(z.string(), text).default({}),
});
export type Result = z.output<typeof resultSchema>;

/** False for what somebody suppressed (3.27.23), and for what the tool did not find, or found no more. */
export const isOpen = ({ kind, baselineState, suppressions }: Result): boolean =>
  !(
    kind === "pass" ||
    kind === "notApplicable" ||
    baselineState === "absent" ||
    (suppressions.length > 0 && suppressions.every(({ status }) => status === "accepted"))
  );
