import { second } from "@rekey/domain";
import type { Step } from "./step.ts";

/** How long until somebody looks again whether the relay has sent it; its receipt makes the rotation due at once. */
const receiptLookMs = 30 * second;

/** The announcement was written with this step's intent; the step ends with the relay's receipt. */
export const announce: Step = async ({ turn }) =>
  await Promise.resolve({
    end: "wait",
    for: "provider",
    until: turn.now + receiptLookMs,
    reason: "the announcement waits for the relay's receipt",
  });
