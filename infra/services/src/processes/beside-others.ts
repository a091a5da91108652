import { freePortShift, type Progress } from "@rekey/stack";
import type { ServicePlan } from "./plan.ts";

/** The same processes with ports that are free: where another checkout's services run, all are so many thousands higher. */
export const besideOthers = async (
  plans: readonly ServicePlan[],
  { say }: Pick<Progress, "say">,
): Promise<readonly ServicePlan[]> => {
  const { shift, because } = await freePortShift(plans.map(({ port }) => port));
  if (because !== undefined) say(`  ${because}: ports of what is started now are ${shift} higher`);
  return plans.map((plan) => ({ ...plan, port: plan.port + shift }));
};
