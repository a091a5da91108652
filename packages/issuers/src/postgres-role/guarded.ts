import type { Call } from "@rekey/domain";
import { budgetOf } from "../budget.ts";
import { faultOf } from "./failure.ts";

/** One method of the port: a budget for all it asks, and failures in the engine's words. */
export async function guarded<Value>(
  call: Call,
  work: (budget: Call) => Promise<Value>,
): Promise<Value> {
  try {
    return await work(budgetOf(call));
  } catch (error) {
    throw faultOf(error);
  }
}
