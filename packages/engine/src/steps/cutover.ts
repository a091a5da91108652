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
  for (const part of order) await part(context);
  await promote(context);
  return done("the new version took the old one's place", {
    outageMs: Math.round(clock.monotonicMs() - startedAt),
  });
};
