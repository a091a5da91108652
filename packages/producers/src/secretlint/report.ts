import { z } from "zod";

/** One file of the report; its findings are read one by one, so that a strange one does not hide the rest. */
export const resultSchema = z.object({
  filePath: z.string(),
  /** The whole text of the file, values included. Absent for files that are not text. */
  sourceContent: z.string().exactOptional(),
  messages: z.array(z.unknown()),
});
export type Result = z.output<typeof resultSchema>;

const offset = z.number().int().min(0);

/** A finding; `range` counts UTF-16 units of `sourceContent`, as JavaScript does. The message itself is masked. */
export const findingSchema = z.object({
  type: z.literal("message"),
  ruleId: z.string().min(1).max(256),
  messageId: z.string().min(1).max(256),
  range: z.tuple([offset, offset]),
  loc: z.object({ start: z.object({ line: z.number().int() }) }),
  severity: z.enum(["error", "warning", "info"]),
});
export type Finding = z.output<typeof findingSchema>;
