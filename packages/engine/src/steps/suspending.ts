import type { ProviderVersion } from "@rekey/domain";
import { callFor, type StepContext } from "./step.ts";

/** Stops a version at the issuer, and what was derived from it; answers how much the sweep still ended. */
export const suspendAndSweep = async (
  context: StepContext,
  target: ProviderVersion,
): Promise<number> => {
  const { issuer } = context;
  await issuer.suspend(target, callFor(context));
  if (!issuer.capabilities.canSweep) return 0;
  const { ended } = await issuer.sweep(target, callFor(context));
  return ended;
};
