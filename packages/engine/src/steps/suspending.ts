import type { ProviderVersion } from "@rekey/domain";
import { callFor, type StepContext } from "./step.ts";

/** Stops a version at the issuer, and what was derived from it; answers how much of that ended. */
export const suspendAndSweep = async (
  context: StepContext,
  target: ProviderVersion,
): Promise<number> => {
  const { issuer } = context;
  const suspended = await issuer.suspend(target, callFor(context));
  if (!issuer.capabilities.canSweep) return suspended.ended;
  const swept = await issuer.sweep(target, callFor(context));
  return suspended.ended + swept.ended;
};
