import { mint } from "./mint.ts";
import { promote } from "./promote.ts";
import { stage } from "./stage.ts";
import { done, type Step } from "./step.ts";

/** Where versions cannot overlap: mint, stage and promote under one claim; the outage between is recorded. */
export const cutover: Step = async (context) => {
  const { clock } = context.turn.parts;
  const startedAt = clock.monotonicMs();
  const order =
    context.issuer.capabilities.secretChosenBy === "rekey" ? [stage, mint] : [mint, stage];
  for (const part of [...order, promote]) {
    const outcome = await part(context);
    if (outcome.end !== "done") return outcome;
  }
  return done("the new version took the old one's place", {
    outageMs: Math.round(clock.monotonicMs() - startedAt),
  });
};
