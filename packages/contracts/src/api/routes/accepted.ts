import { z } from "zod";
import { problemSchema } from "../../text.ts";
import { listOf } from "../page.ts";

/** Signals of one report. */
export const reportSignalsMax = 10_000;

/**
 * A report was published to `rekey.in.api`: durable, and not yet decided. The event ids find its outcomes by
 * the list of signals. Elements that could not be understood are refused one by one.
 */
export const acceptedReply = z.object({
  accepted: listOf(z.object({ eventId: z.string() }), reportSignalsMax),
  refused: listOf(problemSchema, reportSignalsMax),
});

export const acceptedExample = {
  accepted: [{ eventId: "0197a3c2-6f1e-7a52-9c1d-3a5f6b7c8d9e" }],
  refused: [],
};
