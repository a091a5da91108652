import { z } from "zod";

const text = z.string().max(4_096);

/**
 * One finding of the array that gitleaks v8 writes with `--report-format json`. Every field is always there; the
 * ones about a commit are empty after `gitleaks dir`, and `Secret` is where a rule looks at a path alone.
 */
export const findingSchema = z.object({
  RuleID: z.string().min(1).max(256),
  File: text,
  StartLine: z.number().int(),
  StartColumn: z.number().int(),
  /** The leaked value; REDACTED after `--redact`, half of it and three dots after `--redact=50`. */
  Secret: z.string(),
  /** What the rule's expression matched: the value and what stands around it. */
  Match: z.string(),
  Commit: text.default(""),
  Date: text.default(""),
  Fingerprint: text.default(""),
});
export type Finding = z.output<typeof findingSchema>;
